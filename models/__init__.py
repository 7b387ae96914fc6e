"""The example domain: one module per aggregate, the models and then their repositories."""
