package repo

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/fastyaml"
	"github.com/seed-0d4f92cc/pack/internal/yamlio"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// ChartVersion is a version of a chart as an index has it.
type ChartVersion struct {
	chart.Metadata
	// URLs are where the archive is, relative to the repository or absolute.
	URLs    []string  `json:"urls"`
	Created time.Time `json:"created"`
	Removed bool      `json:"removed,omitempty"`
	// Digest is the SHA-256 of the archive, in hexadecimal, perhaps with
	// "sha256:" in front; empty if the index does not say.
	Digest string `json:"digest,omitempty"`
}

// looseVersion is a ChartVersion with the keys that indexes had once.
type looseVersion struct {
	ChartVersion
	Checksum      string `json:"checksum,omitempty"`
	Engine        string `json:"engine,omitempty"`
	TillerVersion string `json:"tillerVersion,omitempty"`
	URL           string `json:"url,omitempty"`
}

// parseYAMLVersion reads a version, which is a list of one map. nil means that
// it is null. The error is errUnusual where the text makes no sense by itself.
func parseYAMLVersion(text []byte) (*looseVersion, error) {
	if tree, ok := fastyaml.ReadUnique(string(text)); ok {
		list, _ := tree.([]any)
		if len(list) != 1 {
			return nil, errUnusual
		}
		if list[0] == nil {
			return nil, nil
		}
		if m, isMap := list[0].(map[string]any); isMap {
			if v := plainVersion(m); v != nil {
				return &looseVersion{ChartVersion: *v}, nil
			}
		}
	}
	var list []*looseVersion
	if err := yamlio.UnmarshalStrict(text, &list); err != nil {
		return nil, fmt.Errorf("%w: %w", errUnusual, err)
	}
	if len(list) != 1 {
		return nil, errUnusual
	}
	if list[0] == nil {
		return nil, nil
	}
	return list[0], nil
}

// parseJSONVersion reads a version, which is a map or null.
func parseJSONVersion(text []byte) (*looseVersion, error) {
	var v *looseVersion
	err := json.Unmarshal(text, &v)
	return v, err
}

// plainVersion makes a version of a tree of the usual kind; nil for any other.
func plainVersion(tree map[string]any) *ChartVersion {
	v := new(ChartVersion)
	ok := true
	take := func(key string, into func(any) bool) {
		if value, there := tree[key]; there {
			ok = ok && into(value)
			delete(tree, key)
		}
	}
	take("urls", func(value any) (ok bool) {
		v.URLs, ok = texts(value)
		return ok
	})
	take("digest", func(value any) (ok bool) {
		v.Digest, ok = value.(string)
		return ok
	})
	take("removed", func(value any) (ok bool) {
		v.Removed, ok = value.(bool)
		return ok
	})
	take("created", func(value any) bool {
		text, ok := value.(string)
		return ok && v.Created.UnmarshalText([]byte(text)) == nil
	})
	var others []string
	var plain bool
	v.Metadata, others, plain = chart.DecodeMetadata(tree)
	if !ok || !plain || len(others) > 0 {
		return nil
	}
	return v
}

func texts(value any) ([]string, bool) {
	list, ok := value.([]any)
	out := make([]string, 0, len(list))
	for _, item := range list {
		text, isText := item.(string)
		ok = ok && isText
		out = append(out, text)
	}
	return out, ok
}

// check says what is wrong with a version that is to be in an index, as Helm
// sees it: that two dependencies have one name is passed over, since some
// servers leave aliases out.
func (v *ChartVersion) check() error {
	err := v.Normalize()
	if err != nil && strings.HasPrefix(err.Error(), "validation: more than one dependency with name or alias") {
		return nil
	}
	return err
}

// indexHead is what stands in an index beside its entries.
type indexHead struct {
	ServerInfo  map[string]any    `json:"serverInfo,omitempty"`
	APIVersion  string            `json:"apiVersion"`
	Generated   time.Time         `json:"generated"`
	PublicKeys  []string          `json:"publicKeys,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// wholeIndex is an index that is read in one piece. It embeds nothing, because the
// YAML library does not look into what is embedded and not exported.
type wholeIndex struct {
	ServerInfo  map[string]any             `json:"serverInfo,omitempty"`
	APIVersion  string                     `json:"apiVersion"`
	Generated   time.Time                  `json:"generated"`
	PublicKeys  []string                   `json:"publicKeys,omitempty"`
	Annotations map[string]string          `json:"annotations,omitempty"`
	Entries     map[string][]*looseVersion `json:"entries"`
}

// readWhole reads an index in an unusual form.
func readWhole(data []byte) (*wholeIndex, error) {
	index := new(wholeIndex)
	if json.Valid(data) {
		return index, json.Unmarshal(data, index)
	}
	return index, yamlio.UnmarshalStrict(bytes.TrimPrefix(data, []byte("\ufeff")), index)
}
