package kube

import (
	"encoding/binary"
	"errors"
	"io"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// The numbers of the fields of metadata that are read, as the API has them.
const (
	fieldMetadata      = 1 // of any object
	fieldName          = 1
	fieldNamespace     = 3
	fieldUID           = 5
	fieldVersion       = 6
	fieldLabels        = 11
	fieldAnnotations   = 12
	fieldManagedFields = 17
	fieldManager       = 1 // of an entry of managedFields
	fieldKey           = 1 // of an entry of a map
	fieldValue         = 2
)

// metaReader reads of an object's metadata in protobuf what heads of records are made
// of: its names, labels and annotations, and the managed fields of others. A list of all
// releases has tens of thousands of objects, which reading them whole would be most of.
type metaReader struct {
	// texts are those that were read before: most are the same in many records.
	texts map[string]string
}

// maxTexts is how many texts are kept.
const maxTexts = 10_000

func (r *metaReader) text(b []byte) string {
	if s, ok := r.texts[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(r.texts) < maxTexts && len(s) <= 63 {
		r.texts[s] = s
	}
	return s
}

// read reads the metadata of an object.
func (r *metaReader) read(raw []byte) (*metav1.ObjectMeta, error) {
	m := &metav1.ObjectMeta{}
	err := wireFields(raw, func(number uint64, value []byte) error {
		if number != fieldMetadata {
			return nil
		}
		return wireFields(value, func(number uint64, value []byte) error { return r.field(m, number, value) })
	})
	return m, err
}

func (r *metaReader) field(m *metav1.ObjectMeta, number uint64, value []byte) (err error) {
	switch number {
	case fieldName:
		m.Name = string(value)
	case fieldNamespace:
		m.Namespace = r.text(value)
	case fieldLabels:
		m.Labels, err = r.entry(m.Labels, value)
	case fieldAnnotations:
		m.Annotations, err = r.entry(m.Annotations, value)
	case fieldManagedFields:
		var others bool
		if others, err = isOfOthers(value); others {
			var entry metav1.ManagedFieldsEntry
			err = entry.Unmarshal(value)
			m.ManagedFields = append(m.ManagedFields, entry)
		}
	}
	return err
}

// entry adds an entry to a map.
func (r *metaReader) entry(m map[string]string, raw []byte) (map[string]string, error) {
	var key, value string
	err := wireFields(raw, func(number uint64, text []byte) error {
		switch number {
		case fieldKey:
			key = r.text(text)
		case fieldValue:
			value = r.text(text)
		}
		return nil
	})
	if m == nil {
		m = make(map[string]string, 8)
	}
	m[key] = value
	return m, err
}

// isOfOthers says whether an entry of the managed fields is that of another than pack
// and Helm.
func isOfOthers(entry []byte) (others bool, err error) {
	others = true
	err = wireFields(entry, func(number uint64, value []byte) error {
		if number == fieldManager {
			others = !strings.EqualFold(string(value), release.FieldManager)
		}
		return nil
	})
	return others, err
}

// wireFields hands on the fields of a message in protobuf that have a length, and
// passes over numbers.
func wireFields(data []byte, take func(number uint64, value []byte) error) error {
	for len(data) > 0 {
		tag, n := binary.Uvarint(data)
		if n <= 0 {
			return io.ErrUnexpectedEOF
		}
		data = data[n:]
		size, n := binary.Uvarint(data)
		if n <= 0 {
			return io.ErrUnexpectedEOF
		}
		data = data[n:]
		switch tag & 7 {
		case wireNumber:
			continue
		case wireBytes:
		default:
			return errors.New("a message in protobuf has a field of an unknown form")
		}
		if size > uint64(len(data)) {
			return io.ErrUnexpectedEOF
		}
		if err := take(tag>>3, data[:size]); err != nil {
			return err
		}
		data = data[size:]
	}
	return nil
}
