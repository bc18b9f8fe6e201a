"""The cases, a file for each kind; ``all_cases`` gathers them."""
