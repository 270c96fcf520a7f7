"""What documents allow: exact comparison, with requests as witnesses; and what a document could spare."""
