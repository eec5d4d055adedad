package kube

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"k8s.io/apimachinery/pkg/runtime"
)

// readEntries reads a page of a list, or a table, and the token of the next; accept is
// what was asked for.
func readEntries(resp *response, accept string) ([]*entry, string, error) {
	switch accept {
	case typeTable:
		return readTable(resp)
	case typeProtoMeta:
		return readMetadata(resp)
	}
	var page struct {
		Metadata struct {
			Continue string `json:"continue"`
		} `json:"metadata"`
		Items []map[string]any `json:"items"`
	}
	if err := resp.decode(&page); err != nil {
		return nil, "", err
	}
	out := make([]*entry, len(page.Items))
	for i, content := range page.Items {
		out[i] = &entry{name: metaString(content, "name"), content: content}
	}
	return out, page.Metadata.Continue, nil
}

func readTable(resp *response) ([]*entry, string, error) {
	var page struct {
		Metadata struct {
			Continue string `json:"continue"`
		} `json:"metadata"`
		// Items is what servers answer with that know of no tables.
		Items             []json.RawMessage `json:"items"`
		ColumnDefinitions []tableColumn     `json:"columnDefinitions"`
		Rows              []struct {
			Cells  []any           `json:"cells"`
			Object json.RawMessage `json:"object"`
		} `json:"rows"`
	}
	if err := resp.decode(&page); err != nil {
		return nil, "", err
	}
	var out []*entry
	for _, item := range page.Items {
		out = append(out, &entry{object: item})
	}
	for _, row := range page.Rows {
		out = append(out, &entry{object: row.Object, cells: row.Cells, columns: page.ColumnDefinitions})
	}
	for _, e := range out {
		var head struct {
			Metadata struct {
				Name string `json:"name"`
			} `json:"metadata"`
		}
		if err := json.Unmarshal(e.object, &head); err != nil {
			return nil, "", fmt.Errorf("reading an object of the server's answer: %w", err)
		}
		e.name = head.Metadata.Name
	}
	return out, page.Metadata.Continue, nil
}

// readMetadata reads a list of metadata. Who owns which fields, which is most of it, is
// left out.
func readMetadata(resp *response) ([]*entry, string, error) {
	var out []*entry
	next, err := readItems(resp.header, bytes.NewReader(resp.body), func(it item) error {
		it.meta.ManagedFields = nil
		meta, err := runtime.DefaultUnstructuredConverter.ToUnstructured(it.meta)
		out = append(out, &entry{name: it.meta.Name, content: map[string]any{"metadata": meta}})
		return err
	})
	return out, next, cutOff(err)
}

// cutOff is the error of reading a list, errTruncated where the list ends early.
func cutOff(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("reading the server's answer: %w: %w", errTruncated, err)
	}
	return err
}
