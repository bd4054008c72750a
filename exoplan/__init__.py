"""The plan engine: answers in, published ranges out."""
