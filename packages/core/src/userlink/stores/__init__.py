"""Where sealed records are kept, and how they are sealed. A store never sees a token in the clear."""
