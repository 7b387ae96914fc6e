"""From the text of an answer to instances in one pass, as the codecs would read them."""
