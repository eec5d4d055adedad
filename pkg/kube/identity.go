package kube

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// identity says which object a write is meant for, and at which version.
type identity struct{ uid, version string }

// absent stands for no object: an apply with it creates one, and is refused if there is
// one by then. No object has that version, as etcd begins with it; a write that creates
// is not compared with anything.
func absent() identity { return identity{version: "1"} }

func (i identity) isAbsent() bool { return i == absent() }

func (i identity) isEmpty() bool { return i == identity{} }

// identityIn reads it from an object's metadata.
func identityIn(meta map[string]any) identity {
	return identity{uid: stringAt(meta, "uid"), version: stringAt(meta, "resourceVersion")}
}

// fields is it as metadata, or as a delete's preconditions: the server refuses the write
// if the object is another by then.
func (i identity) fields() map[string]any {
	out := map[string]any{}
	if i.uid != "" {
		out["uid"] = i.uid
	}
	if i.version != "" {
		out["resourceVersion"] = i.version
	}
	return out
}

// on is an object with it. Neither field is one that somebody owns.
func (i identity) on(content map[string]any) map[string]any {
	if i.isEmpty() {
		return content
	}
	meta := maps.Clone(mapAt(content, "metadata"))
	if meta == nil {
		meta = map[string]any{}
	}
	maps.Copy(meta, i.fields())
	out := maps.Clone(content)
	out["metadata"] = meta
	return out
}

// identify reads which object there is, and its version: empty, with the server's error,
// where there is none.
func (c *Client) identify(ctx context.Context, path string) (identity, error) {
	resp, err := c.do(ctx, request{method: http.MethodGet, path: path, accept: typeProtoOne})
	if err != nil {
		return identity{}, err
	}
	return identityOf(resp)
}

// identityOf reads it of an object that a server answered with.
func identityOf(resp *response) (identity, error) {
	if isProtobuf(resp.header) {
		return identityInProtobuf(resp.body)
	}
	var m metav1.PartialObjectMetadata
	err := resp.decode(&m)
	return identity{uid: string(m.UID), version: m.ResourceVersion}, err
}

// identityInProtobuf passes over the rest of the metadata, which after hundreds of
// writes would be much to read for nothing.
func identityInProtobuf(body []byte) (id identity, err error) {
	envelope, ok := bytes.CutPrefix(body, []byte(protobufMagic))
	if !ok {
		return identity{}, io.ErrUnexpectedEOF
	}
	err = wireFields(envelope, func(number uint64, object []byte) error {
		if number != fieldRaw>>3 {
			return nil
		}
		return wireFields(object, func(number uint64, meta []byte) error {
			if number != fieldMetadata {
				return nil
			}
			return wireFields(meta, func(number uint64, value []byte) error {
				switch number {
				case fieldUID:
					id.uid = string(value)
				case fieldVersion:
					id.version = string(value)
				}
				return nil
			})
		})
	})
	return id, err
}
