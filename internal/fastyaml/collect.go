package fastyaml

import "strings"

// mapping is a map that is being read. Its entries wait on a stack until their
// number is known.
type mapping struct {
	want want
	base int
	// converted says that a key was no string. Whether it is then the last
	// of equal keys that wins is not defined.
	converted   bool
	annotations map[string]string
}

func (r *reader) openMap(w want) mapping {
	m := mapping{want: w, base: len(r.entries)}
	switch w {
	case wantText:
		decline()
	case wantAnnotations:
		m.annotations = map[string]string{}
	}
	return m
}

// put takes an entry in.
func (r *reader) put(m *mapping, k key, value any) {
	m.converted = m.converted || k.converted
	switch m.want {
	case wantTree:
		r.entries = append(r.entries, entry{k.text, value})
	case wantAnnotations:
		if _, twice := m.annotations[k.text]; twice && m.converted {
			decline()
		}
		m.annotations[k.text], _ = value.(string)
	case wantObject, wantMetadata:
		r.putField(m.want, k.text, value)
	}
}

func (r *reader) closeMap(m *mapping) any {
	switch m.want {
	case wantTree:
		entries := r.entries[m.base:]
		tree := make(map[string]any, len(entries))
		for _, e := range entries {
			tree[e.key] = e.value
		}
		if (m.converted || r.unique) && len(tree) != len(entries) {
			decline()
		}
		r.entries = r.entries[:m.base]
		return tree
	case wantAnnotations:
		r.head.Annotations = m.annotations
	}
	return nil
}

// sequence is a list that is being read.
type sequence struct {
	want, each want
	base       int
}

func (r *reader) openList(w want) sequence {
	switch w {
	case wantNothing, wantTree:
		return sequence{want: w, each: w, base: len(r.items)}
	}
	decline()
	return sequence{}
}

func (r *reader) add(l *sequence, value any) {
	if l.want == wantTree {
		r.items = append(r.items, value)
	}
}

func (r *reader) closeList(l *sequence) any {
	if l.want != wantTree {
		return nil
	}
	list := make([]any, len(r.items)-l.base)
	copy(list, r.items[l.base:])
	r.items = r.items[:l.base]
	return list
}

// fields are those of the head that have been read.
type fields uint8

const (
	seenAPIVersion fields = 1 << iota
	seenKind
	seenMetadata
	seenName
	seenNamespace
	seenAnnotations
)

// wantOf is what is to become of the value of a key.
func (r *reader) wantOf(m *mapping, k key) want {
	switch m.want {
	case wantTree:
		return wantTree
	case wantAnnotations:
		return wantText
	case wantObject:
		switch k.text {
		case "apiVersion":
			return r.once(seenAPIVersion, wantText)
		case "kind":
			return r.once(seenKind, wantText)
		case "metadata":
			return r.once(seenMetadata, wantMetadata)
		}
		declineFold(k.text, "apiVersion", "kind", "metadata")
	case wantMetadata:
		switch k.text {
		case "name":
			return r.once(seenName, wantText)
		case "namespace":
			return r.once(seenNamespace, wantTree)
		case "annotations":
			return r.once(seenAnnotations, wantAnnotations)
		}
		declineFold(k.text, "name", "namespace", "annotations")
	}
	return wantNothing
}

// once declines a field that is there twice.
func (r *reader) once(f fields, w want) want {
	if r.seen&f != 0 {
		decline()
	}
	r.seen |= f
	return w
}

// declineFold declines keys that JSON takes for one of its fields although
// they are written in other cases.
func declineFold(key string, names ...string) {
	for _, name := range names {
		if strings.EqualFold(name, key) {
			decline()
		}
	}
}

func (r *reader) putField(w want, key string, value any) {
	text, _ := value.(string)
	switch {
	case w == wantObject && key == "apiVersion":
		r.head.APIVersion = text
	case w == wantObject && key == "kind":
		r.head.Kind = text
	case w == wantMetadata && key == "name":
		r.head.Name = text
	case w == wantMetadata && key == "namespace":
		r.head.Namespace = text
	}
}
