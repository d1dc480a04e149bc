"""Writes a JSON file, without its blanks, as a C array: embed.py IN.json OUT.c NAME"""
import json
import sys

source, target, name = sys.argv[1:4]
with open(source, encoding="utf-8") as file:
    data = json.dumps(json.load(file), separators=(",", ":")).encode()
rows = [", ".join(str(byte) for byte in data[i:i + 24]) for i in range(0, len(data), 24)]
with open(target, "w", encoding="ascii") as file:
    file.write("#include <stddef.h>\n\n")
    file.write(f"extern const unsigned char {name}[];\nextern const size_t {name}_size;\n")
    file.write(f"const unsigned char {name}[] = {{\n    " + ",\n    ".join(rows) + "};\n")
    file.write(f"const size_t {name}_size = sizeof {name};\n")
