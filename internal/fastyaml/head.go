package fastyaml

import "strings"

// Head is what a document says of the object in it.
type Head struct {
	APIVersion, Kind, Name, Namespace string
	// Annotations is nil where there are none.
	Annotations map[string]string
	// HasMetadata says that there is a map under metadata.
	HasMetadata bool
}

// ReadHead checks a whole document and reads the head of the object in it. The
// second result is false where the library has to be asked: see Read; also
// where a part of the head is not the text that it should be.
func ReadHead(text string) (Head, bool) {
	r := headReader{reader: reader{src: text}}
	if !readable(text) {
		return Head{}, false
	}
	r.skipMarker()
	r.skipBlank()
	if r.declined || r.pos == len(r.src) {
		return Head{}, !r.declined
	}
	if !r.isKey() {
		return Head{}, false
	}
	r.fields(r.object)
	if r.pos < len(r.src) {
		r.decline()
	}
	return r.head, !r.declined
}

// headReader reads a head: values are built for its fields alone.
type headReader struct {
	reader
	head Head
}

// fields reads the mapping at pos; field reads the value of the key that it is
// given, in a mapping of a column.
func (r *headReader) fields(field func(key string, c int)) {
	if r.depth++; r.depth > maxDepth {
		r.decline()
		return
	}
	c := r.col()
	for !r.declined && r.pos < len(r.src) && r.col() == c {
		key, _ := r.key()
		if r.declined {
			return
		}
		field(key, c)
	}
	r.close(c, nil)
	r.depth--
}

// object reads a field of the object. Names are compared as encoding/json does
// it; what only nearly fits is left to the library.
func (r *headReader) object(key string, c int) {
	switch key {
	case "apiVersion":
		r.head.APIVersion = r.string(c)
	case "kind":
		r.head.Kind = r.string(c)
	case "metadata":
		r.head.Name, r.head.Namespace, r.head.Annotations = "", "", nil
		r.head.HasMetadata = r.nested(c, r.metadata)
	default:
		r.other(key, c, "apiversion", "kind", "metadata")
	}
}

func (r *headReader) metadata(key string, c int) {
	switch key {
	case "name":
		r.head.Name = r.string(c)
	case "namespace":
		r.head.Namespace = r.string(c)
	case "annotations":
		r.head.Annotations = nil
		r.nested(c, r.annotation)
	default:
		r.other(key, c, "name", "namespace", "annotations")
	}
}

func (r *headReader) annotation(key string, c int) {
	v := r.string(c)
	if r.head.Annotations == nil {
		r.head.Annotations = map[string]string{}
	}
	r.head.Annotations[key] = v
}

// other checks the value of a field that is not of the head. fields are those
// that the library would take a key of other case for.
func (r *headReader) other(key string, c int, fields ...string) {
	for _, f := range fields {
		if len(key) < 2*len(f) && strings.EqualFold(key, f) {
			r.decline()
			return
		}
	}
	r.value(c)
}

// string reads a value that has to be a text, as one: an empty value declines.
func (r *headReader) string(c int) string {
	r.build = true
	v := r.value(c)
	r.build = false
	s, ok := v.(string)
	if !ok {
		r.decline()
	}
	return s
}

// nested reads a mapping below a key of column c, if there is one on the lines
// after the key; an empty value is false, what else there may be declines.
func (r *headReader) nested(c int, field func(string, int)) bool {
	r.endOfLine()
	if r.declined {
		return false
	}
	r.skipBlank()
	if r.pos == len(r.src) || r.col() < c || r.col() == c && r.at(0) != '-' {
		return false
	}
	if r.col() == c || !r.isKey() {
		r.decline()
		return false
	}
	r.fields(field)
	return !r.declined
}
