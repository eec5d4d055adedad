package release_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

func TestDecodeDamaged(t *testing.T) {
	t.Parallel()
	whole := pack(t, `{"name":"web","version":1}`)
	for _, tt := range []struct{ name, record, want string }{
		{"empty", "", "it is empty"},
		{"blank", " \n", "it is empty"},
		{"not base64", "!!!", "its base64 is damaged: illegal base64 data at input byte 0"},
		{"cut gzip", string(whole[:len(whole)-8]), "its gzip is damaged: unexpected EOF"},
		{"gzip header", base64.StdEncoding.EncodeToString([]byte{0x1f, 0x8b, 8, 255}), "its gzip is damaged: unexpected EOF"},
		{"not JSON", base64.StdEncoding.EncodeToString([]byte("hello")), "its JSON is damaged: invalid character 'h' looking for beginning of value"},
		{"cut JSON", `{"name":"web"`, "its JSON is damaged: unexpected end of JSON input"},
		{"two", `{"name":"web","version":1}{}`, "its JSON is damaged: invalid character '{' after top-level value"},
		{"list", base64.StdEncoding.EncodeToString([]byte(`[]`)), "its JSON is damaged: json: cannot unmarshal array"},
		{"null", base64.StdEncoding.EncodeToString([]byte(`null`)), "it names no release"},
		{"type", `{"name":1,"version":1}`, "its JSON is damaged: json: cannot unmarshal number"},
		{"time", `{"name":"w","version":1,"info":{"deleted":"yesterday"}}`, `its JSON is damaged: time "yesterday": parsing time`},
		{"no name", `{"version":1}`, "it names no release"},
		{"no revision", `{"name":"web"}`, "it has no revision of 1 or more: 0"},
		{"negative revision", `{"name":"web","version":-1}`, "it has no revision of 1 or more: -1"},
		{"deep", `{"config":` + strings.Repeat(`{"a":`, 2000), "it is nested too deeply: more than 1100 levels"},
		{"many", `{"config":[` + strings.Repeat(`0,`, 1<<20), "it has too many values: more than 1048576"},
		{"long", strings.Repeat("A", release.MaxEncodedRecord+1), "it is too large: 67108865 bytes, at most 67108864 are allowed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rel, err := release.Decode([]byte(tt.record))
			damaged, ok := errors.AsType[*release.RecordError](err)
			if !ok || rel != nil {
				t.Fatalf("got %v and error %v, want a *RecordError", rel, err)
			}
			if !strings.HasPrefix(damaged.Err.Error(), tt.want) {
				t.Errorf("error %q, want it to begin with %q", damaged.Err, tt.want)
			}
			if !strings.HasPrefix(err.Error(), "release record cannot be read: it") {
				t.Errorf("error %q", err)
			}
			head := release.Head{Key: release.Key{Namespace: "prod", Name: "web"}, Revision: 1, Touched: true}
			if s, err := head.Summarize([]byte(tt.record)); err == nil && tt.name != "time" {
				t.Errorf("it has the summary %+v", s)
			}
		})
	}
}

// TestDecodeBomb: a small record that unpacks to more than the limit.
func TestDecodeBomb(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("unpacks 256 MiB")
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	block := bytes.Repeat([]byte(" "), 1<<20)
	for range release.MaxRecord>>20 + 1 {
		if _, err := w.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := release.Decode(b.Bytes())
	if err == nil || !strings.Contains(err.Error(), "it is too large: more than 268435456 bytes when unpacked") {
		t.Errorf("error %v", err)
	}
}
