package release_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// TestSummarize: what is read of the beginning of a record is what its end would
// tell too, however it is written.
func TestSummarize(t *testing.T) {
	t.Parallel()
	rel := releasetest.NewRelease(webKey(), 3, release.StatusFailed)
	rel.Info.Description, rel.Info.RollbackRevision = `it said "no\" {[`, 2
	rel.Info.Notes = strings.Repeat("notes \"\\\n", 5000)
	rel.Manifest = strings.Repeat("---\na: \"}\\\\\"\n", 5000)
	helm, err := release.Encode(rel)
	if err != nil {
		t.Fatal(err)
	}
	full := rel.Summary()
	const (
		info     = `"info":{"status":"failed","last_deployed":"2026-01-02T03:04:05Z","description":"d","notes":"n"}`
		chart    = `"chart":{"lock":null,"metadata":{"name":"c","version":"1.0.0","appVersion":"7"},"templates":[{"name":"}"}]}`
		bulk     = `"manifest":"---\na: b\n","hooks":[{"name":"h"}]`
		identity = `"name":"web","version":3`
	)
	small := full
	small.Chart, small.AppVersion, small.Description, small.RollbackRevision = "c-1.0.0", "7", "d", 0
	small.Updated = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	missing := release.Summary{Key: webKey(), Revision: 3, Status: release.StatusUnknown, Chart: "MISSING", AppVersion: "MISSING"}
	for _, tt := range []struct {
		name   string
		record []byte
		want   release.Summary
	}{
		{"of Helm", helm, full},
		{"in Helm's order", pack(t, `{"name":"web",`+info+`,`+chart+`,`+bulk+`,"version":3}`), small},
		{"in another order", pack(t, `{`+bulk+`,`+chart+`,`+info+`,`+identity+`}`), small},
		{"in upper case", pack(t, strings.NewReplacer(`"name":"web"`, `"NAME":"web"`, `"info"`, `"Info"`, `"metadata"`, `"Metadata"`).Replace(`{`+identity+`,`+info+`,`+chart+`}`)), small},
		{"twice, of which the last counts", pack(t, `{"info":{"status":"deployed"},`+identity+`,`+chart+`,`+info+`}`), small},
		{"no gzip", []byte(base64.StdEncoding.EncodeToString([]byte(`{` + identity + `,` + info + `,` + chart + `}`))), small},
		{"plain", []byte(`{` + identity + `,` + info + `,` + chart + `}`), small},
		{"nothing else", pack(t, `{`+identity+`}`), missing},
		{"nulls", pack(t, `{`+identity+`,"info":null,"chart":null}`), missing},
	} {
		for _, touched := range []bool{false, true} {
			if strings.HasPrefix(tt.name, "twice") && !touched {
				continue // which nobody writes
			}
			head := release.Head{Key: webKey(), Revision: 3, Touched: touched}
			got, err := head.Summarize(tt.record)
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
				continue
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s, touched %v: %s", tt.name, touched, diff)
			}
			rel, err := head.Decode(tt.record)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(rel.Summary(), got); diff != "" {
				t.Errorf("%s: Decode tells something else: %s", tt.name, diff)
			}
		}
	}
}

// TestSummarizeRefuses: a record that somebody touched is read to its end, and one
// that is cut off is found out anyway.
func TestSummarizeRefuses(t *testing.T) {
	t.Parallel()
	rel := releasetest.NewRelease(webKey(), 3, release.StatusDeployed)
	for i := range 2000 {
		rel.Manifest += "---\nnumber: " + strings.Repeat("x", i%7) + "\n"
	}
	whole, err := release.Encode(rel)
	if err != nil {
		t.Fatal(err)
	}
	cut := whole[:len(whole)/2/4*4]
	for _, tt := range []struct {
		name   string
		head   release.Head
		record []byte
		want   string
	}{
		{"cut off", release.Head{Key: webKey(), Revision: 3}, cut, "unexpected EOF"},
		{"another release", release.Head{Key: release.Key{Namespace: "prod", Name: "db"}, Revision: 3}, whole, `it holds revision 3 of release "web"`},
		{"another revision", release.Head{Key: webKey(), Revision: 4, Touched: true}, whole, `it holds revision 3 of release "web"`},
		{"bad at its end", release.Head{Key: webKey(), Revision: 3, Touched: true}, pack(t, `{"name":"web","version":3,"info":{},"chart":{"metadata":{"name":"c"}},"config":{]}`), "its JSON is damaged"},
	} {
		_, err := tt.head.Summarize(tt.record)
		damaged, ok := errors.AsType[*release.RecordError](err)
		if !ok || damaged.Key != tt.head.Key || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one with %q", tt.name, err, tt.want)
		}
	}
}

// FuzzSummarize: what Decode reads, Summarize reads, and to the same effect.
func FuzzSummarize(f *testing.F) {
	rel := releasetest.NewRelease(webKey(), 3, release.StatusDeployed)
	whole, err := release.Encode(rel)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte(`{"name":"web","version":3,"info":{"description":"\\\""},"chart":{"metadata":null}}`))
	f.Fuzz(func(t *testing.T, record []byte) {
		head := release.Head{Key: webKey(), Revision: 3, Touched: true}
		rel, err := head.Decode(record)
		if err != nil || rel.Parts != nil {
			return
		}
		got, err := head.Summarize(record)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(rel.Summary(), got); diff != "" {
			t.Error(diff)
		}
	})
}
