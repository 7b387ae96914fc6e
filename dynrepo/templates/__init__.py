"""Key texts made of constants and of fields, as in `ORDER#{placed}#{number:08d}`."""
