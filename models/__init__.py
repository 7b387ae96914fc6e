"""The example domain: one module per aggregate, the model and then its repository."""
