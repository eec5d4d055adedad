package fastyaml

// maxDepth is how deep the trees are that are read or written here.
const maxDepth = 1000

// Read reads the first document of text. The second result is false where the
// library has to be asked: the text is not of the simple kind, or faulty. A map
// is map[string]any, a list []any, a number float64; an empty document is nil.
// Strings of the result share text.
func Read(text string) (tree any, ok bool) {
	r := reader{left: maxDepth}
	defer r.recoverDeclined(&ok)
	return r.document(text, wantTree), true
}

// ReadUnique is Read for documents in which no map has a key twice; others are
// declined.
func ReadUnique(text string) (tree any, ok bool) {
	r := reader{left: maxDepth, unique: true}
	defer r.recoverDeclined(&ok)
	return r.document(text, wantTree), true
}

// Head is what a document says of the object in it, as encoding/json decodes it
// into fields of these types, where scalars of other types become strings.
type Head struct {
	APIVersion, Kind, Name string
	// Namespace is empty where it is no string.
	Namespace string
	// Annotations is nil where there are none.
	Annotations map[string]string
}

// ReadHead checks a whole document and reads the head of the object in it. The
// second result is false where the library has to be asked: see Read; also
// where a part of the head is of the wrong type.
func ReadHead(text string) (head Head, ok bool) {
	r := reader{left: maxDepth}
	defer r.recoverDeclined(&ok)
	r.document(text, wantObject)
	return r.head, true
}

// declined is what the reader panics with. It is deep in a recursion then, and
// nothing of what it has read counts.
type declined struct{}

func decline() { panic(declined{}) }

func (r *reader) recoverDeclined(ok *bool) {
	switch e := recover().(type) {
	case nil:
	case declined:
		*ok = false
	default:
		panic(e)
	}
}
