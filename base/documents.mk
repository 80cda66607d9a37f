# Documents (JSON, YAML) and what they must look like.
base_libbase_a_SOURCES += \
	base/doc.h base/doc_parse.h base/doc.c base/doc_json.c base/doc_yaml.c base/doc_write.c \
	base/schema.h base/schema.c base/schema_describe.c
