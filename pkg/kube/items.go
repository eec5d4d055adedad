package kube

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kjson "k8s.io/apimachinery/pkg/util/json"
)

// maxItem bounds one object of a list: etcd takes 1.5 MiB.
const maxItem = 8 << 20

// item is an object of a list, as the server sent it, and its metadata. It is good
// until the next one.
type item struct {
	meta *metav1.ObjectMeta
	raw  []byte
	read func(data []byte, v protobuf) error
}

// decode reads the whole object.
func (it item) decode(v protobuf) error {
	if err := it.read(it.raw, v); err != nil {
		return fmt.Errorf("reading %s of the server's answer: %w", it.id(), err)
	}
	return nil
}

// id orders the items of a list as the server does.
func (it item) id() string { return it.meta.Namespace + "/" + it.meta.Name }

// itemReader reads the objects of a list one by one.
type itemReader struct {
	take func(item) error
	// brief reads the metadata, where not all of it is asked for; nil reads it whole.
	brief *metaReader
	// next is the token of the next page.
	next string
}

// readItems reads the answer to a list and returns the token of its next page. An
// answer that is cut off is io.ErrUnexpectedEOF.
func readItems(h http.Header, body io.Reader, take func(item) error) (string, error) {
	return (&itemReader{take: take}).list(h, body)
}

// readHeads reads one as readItems does, but of the metadata in protobuf only what
// metaReader does.
func readHeads(h http.Header, body io.Reader, take func(item) error) (string, error) {
	return (&itemReader{take: take, brief: &metaReader{texts: map[string]string{}}}).list(h, body)
}

func (r *itemReader) list(h http.Header, body io.Reader) (string, error) {
	var err error
	if isProtobuf(h) {
		err = r.protobuf(body)
	} else {
		err = r.json(json.NewDecoder(body))
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return r.next, err
}

// one hands an object on: in all kinds the metadata are in the same place.
func (r *itemReader) one(raw []byte, read func(data []byte, v protobuf) error) error {
	var partial metav1.PartialObjectMetadata
	if err := read(raw, &partial); err != nil {
		return err
	}
	return r.take(item{meta: &partial.ObjectMeta, raw: raw, read: read})
}

// json reads a list in JSON.
func (r *itemReader) json(d *json.Decoder) error {
	if err := expect(d, '{'); err != nil {
		return err
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		switch name {
		case "metadata":
			var meta metav1.ListMeta
			err = d.Decode(&meta)
			r.next = meta.Continue
		case "items":
			err = r.jsonItems(d)
		default:
			err = d.Decode(new(json.RawMessage))
		}
		if err != nil {
			return err
		}
	}
	return expect(d, '}')
}

func (r *itemReader) jsonItems(d *json.Decoder) error {
	first, err := d.Token()
	if err != nil || first == nil { // null is a list of nothing
		return err
	}
	if first != json.Delim('[') {
		return fmt.Errorf("found %v where a list is expected", first)
	}
	for d.More() {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return err
		}
		if err := r.one(raw, func(data []byte, v protobuf) error { return kjson.Unmarshal(data, v) }); err != nil {
			return err
		}
	}
	return expect(d, ']')
}

func expect(d *json.Decoder, want json.Delim) error {
	got, err := d.Token()
	if err == nil && got != want {
		err = fmt.Errorf("found %v where %v is expected", got, want)
	}
	return err
}
