"""The search index: its fields, the words and headings that go into them."""
