package release_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// TestUnknownMembers: what another version wrote survives a change of status.
func TestUnknownMembers(t *testing.T) {
	t.Parallel()
	const text = `{"name":"web","info":{"status":"failed","mood" : {"b": [1,"}",2] } ,"x":null},` +
		`"hooks":[{"name":"h","last_run":{"phase":""},"retries":3}],"version":1,"aaa":"<\"]>", "zz" :-1.50 }`
	rel := mustDecode(t, []byte(text))
	if diff := cmp.Diff(map[string]json.RawMessage{"aaa": json.RawMessage(`"<\"]>"`), "zz": json.RawMessage("-1.50")}, rel.Unknown); diff != "" {
		t.Error(diff)
	}
	rel.Info.Status = release.StatusSuperseded
	rel.Chart = nil
	want := `{"name":"web","info":{"status":"superseded","mood":{"b":[1,"}",2]},"x":null},` +
		`"hooks":[{"name":"h","last_run":{"phase":""},"retries":3}],"version":1,"aaa":"\u003c\"]\u003e","zz":-1.50}`
	if diff := cmp.Diff(want, unpackE(t, mustEncode(t, rel))); diff != "" {
		t.Error(diff)
	}
}

// FuzzDecode: a record that is read is written so that it reads the same, and
// is written the same the second time.
func FuzzDecode(f *testing.F) {
	for _, e := range helmRecords(f) {
		f.Add(e)
		f.Add([]byte(unpackE(f, e)))
	}
	f.Add([]byte(`{"name":"a","version":1,"config":{"a":[1e3,-0,"\ud800",null,{}]},"x":{"y":[]},"X":1}`))
	f.Add([]byte(`{"NAME":"a","Version":1,"hooks":[null,{"w":1}],"info":{"\u0061":"\\\""}}`))
	f.Fuzz(func(t *testing.T, e []byte) {
		rel, err := release.Decode(e)
		if err != nil {
			if _, ok := errors.AsType[*release.RecordError](err); !ok {
				t.Fatalf("error of type %T: %v", err, err)
			}
			return
		}
		first := mustEncode(t, rel)
		again := mustDecode(t, first)
		// White space and escapes in what is unknown may differ; the bytes of
		// the second writing hold it to the first.
		unknown := cmp.Options{
			cmpopts.IgnoreFields(release.Release{}, "Unknown"),
			cmpopts.IgnoreFields(release.Info{}, "Unknown"),
			cmpopts.IgnoreFields(release.Hook{}, "Unknown"),
		}
		if diff := cmp.Diff(rel, again, cmpopts.EquateEmpty(), unknown); diff != "" {
			t.Fatalf("it reads otherwise after it was written: %s", diff)
		}
		if second := mustEncode(t, again); !bytes.Equal(first, second) {
			t.Fatalf("it is written otherwise the second time:\n%s\n%s", unpackE(t, first), unpackE(t, second))
		}
	})
}

// FuzzUnknown: the members that are kept are those that encoding/json sees and
// the record has no field for.
func FuzzUnknown(f *testing.F) {
	f.Add([]byte(`{"name":"a","version":1,"x":[{"a":"]"},1 , 2],"":{},"NAME":"b"}`))
	f.Add([]byte(" {\t\"a\" : \"\\\\\" , \"b\":tru}"))
	known := []string{"name", "info", "chart", "config", "manifest", "hooks", "version", "namespace", "apply_method"}
	f.Fuzz(func(t *testing.T, data []byte) {
		var rel release.Release
		if json.Unmarshal(data, &rel) != nil {
			return
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatal(err)
		}
		for key := range want {
			for _, k := range known {
				if strings.EqualFold(key, k) {
					delete(want, key)
				}
			}
		}
		if diff := cmp.Diff(want, rel.Unknown, cmpopts.EquateEmpty()); diff != "" {
			t.Error(diff)
		}
	})
}
