# Documents (JSON, YAML) and what they must look like.
base_libbase_a_SOURCES += \
	base/documents/doc.c base/documents/doc.h base/documents/doc_differ.c base/documents/doc_differ.h base/documents/doc_json.c base/documents/doc_keys.c base/documents/doc_keys.h base/documents/doc_merge.c base/documents/doc_merge.h base/documents/doc_names.c base/documents/doc_names.h base/documents/doc_parse.h base/documents/doc_read.c base/documents/doc_take_back.c base/documents/doc_take_back.h base/documents/doc_unlike.c base/documents/doc_unlike.h base/documents/doc_write.c \
	base/documents/doc_write_yaml.c base/documents/doc_yaml.c base/documents/nearest.c base/documents/nearest.h base/documents/problems.c \
	base/documents/problems.h base/documents/schema.c base/documents/schema.h base/documents/schema_checks.c base/documents/schema_checks.h \
	base/documents/schema_describe.c
