package kube

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Lists and metadata are asked for in Kubernetes' form of protobuf, which is a third as
// large as JSON and read several times as fast; the types of the API read their own
// part of it. A server may answer in JSON all the same.
const mediaProtobuf = "application/vnd.kubernetes.protobuf"

// protobufMagic begins an answer in that form. A runtime.Unknown follows, one field
// of which is the list; that has a field for its metadata, and one for each item.
const protobufMagic = "k8s\x00"

// The fields that are read: number and wire type.
const (
	wireNumber        = 0
	wireBytes         = 2
	fieldRaw          = 2<<3 | wireBytes // of a runtime.Unknown
	fieldListMetadata = 1<<3 | wireBytes
	fieldListItem     = 2<<3 | wireBytes
)

// maxList bounds a page of a list, which is not held.
const maxList = 1 << 40

// protobuf is a type of the Kubernetes API that can be read from that form.
type protobuf interface {
	Unmarshal(data []byte) error
}

func isProtobuf(h http.Header) bool {
	media, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	return err == nil && media == mediaProtobuf
}

// readProtobuf reads an answer that is one object.
func readProtobuf(body []byte, v protobuf) error {
	if len(body) < len(protobufMagic) {
		return io.ErrUnexpectedEOF
	}
	var envelope runtime.Unknown
	if err := envelope.Unmarshal(body[len(protobufMagic):]); err != nil {
		return err
	}
	return v.Unmarshal(envelope.Raw)
}

// isWholeProtobuf says whether an answer has its object, and all that it says it has.
func isWholeProtobuf(body []byte) bool {
	rest, ok := bytes.CutPrefix(body, []byte(protobufMagic))
	hasObject := false
	err := wireFields(rest, func(number uint64, _ []byte) error {
		hasObject = hasObject || number == fieldRaw>>3
		return nil
	})
	return ok && err == nil && hasObject
}

// protobuf reads a list in that form.
func (r *itemReader) protobuf(body io.Reader) error {
	w := wireReader{Reader: bufio.NewReaderSize(body, 64<<10)}
	magic, err := w.bytes(len(protobufMagic))
	if err != nil {
		return err
	}
	if string(magic) != protobufMagic {
		return errors.New("it is said to be protobuf and is not")
	}
	for {
		tag, size, err := w.field()
		switch {
		case err != nil:
			return err
		case tag == fieldRaw:
			return r.protobufList(&w, w.read+int64(size))
		}
		if _, err := w.bytes(size); err != nil {
			return err
		}
	}
}

// protobufList reads the list, which ends at a position.
func (r *itemReader) protobufList(w *wireReader, end int64) error {
	for w.read < end {
		tag, size, err := w.field()
		if err != nil {
			return err
		}
		raw, err := w.bytes(size)
		if err != nil {
			return err
		}
		switch tag {
		case fieldListMetadata:
			var meta metav1.ListMeta
			err = meta.Unmarshal(raw)
			r.next = meta.Continue
		case fieldListItem:
			err = r.protobufItem(raw)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *itemReader) protobufItem(raw []byte) error {
	read := func(data []byte, v protobuf) error { return v.Unmarshal(data) }
	if r.brief == nil {
		return r.one(raw, read)
	}
	meta, err := r.brief.read(raw)
	if err != nil {
		return err
	}
	return r.take(item{meta: meta, raw: raw, read: read})
}

// wireReader reads fields that have a length: those of envelopes and lists all do.
type wireReader struct {
	*bufio.Reader
	// read is how many bytes have been read.
	read   int64
	buffer []byte
}

// ReadByte is for binary.ReadUvarint.
func (w *wireReader) ReadByte() (byte, error) {
	w.read++
	return w.Reader.ReadByte()
}

// field reads the tag of a field and its length.
func (w *wireReader) field() (tag uint64, size int, err error) {
	if tag, err = binary.ReadUvarint(w); err != nil {
		return 0, 0, err
	}
	if tag&7 != wireBytes {
		return 0, 0, fmt.Errorf("a list in protobuf has a field with the tag %d", tag)
	}
	n, err := binary.ReadUvarint(w)
	if err == nil && n > maxList {
		err = fmt.Errorf("a list in protobuf has a field of %d bytes", n)
	}
	return tag, int(n), err
}

// bytes reads n bytes, which are good until the next call.
func (w *wireReader) bytes(n int) ([]byte, error) {
	if n > maxItem {
		return nil, fmt.Errorf("a list in protobuf has a field of %d bytes, at most %d are read", n, maxItem)
	}
	if n > cap(w.buffer) {
		w.buffer = make([]byte, n)
	}
	w.buffer = w.buffer[:n]
	m, err := io.ReadFull(w.Reader, w.buffer)
	w.read += int64(m)
	return w.buffer, err
}
