package kube

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzDecode: a document that is read at once is what it is by way of JSON.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{
		"a: 1\nb: 1.0\nc: 1.5\nd: -0\ne: 1e3\nf: 9007199254740993\ng: .5\nh: 0x1F\ni: 0o17\nj: 017\nk: 1_000\n",
		"a: ~\nb: yes\nc: 'yes'\nd: \"\\u00e9\"\ne: [1, 2.0, {f: g}]\n",
		"1: a\n2.5: b\ntrue: c\n~: d\n",
		"apiVersion: v1\nkind: ConfigMap\ndata:\n  a: |\n    text\n  b: >-\n    folded\n    text\n",
		"- 1\n- 18446744073709551615\n- 1e400\n- -9007199254740992\n",
		"", "# nothing\n", "text", "{a: b, a: c}", "a: &x {b: 1}\nc: *x\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := decode(text)
		diff := ""
		for range 20 { // of two keys that are one in JSON (0 and 0.) any may win
			want, wantErr := decodeJSON(text)
			if (err == nil) != (wantErr == nil) {
				t.Fatalf("error %v, want %v", err, wantErr)
			}
			if diff = cmp.Diff(want, got); err != nil || diff == "" {
				return
			}
		}
		t.Errorf("(-want +got):\n%s", diff)
	})
}
