"""What the ready-made routes of every adapter share: options, judgements, addresses, waiting cookies. No framework."""
