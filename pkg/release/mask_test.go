package release_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// TestSecretMask: what Secrets hold is masked, in plain and in base64, and so are the
// values of which it is made; all else stays.
func TestSecretMask(t *testing.T) {
	t.Parallel()
	rel := &release.Release{
		Config: map[string]any{"password": "hunter22", "list": []any{"hunter23"}, "other": "visible", "short": "ab"},
		Manifest: "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {x: aHVudGVyMjI=}\n" +
			"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {x: visible}\n",
		Hooks: []*release.Hook{{Manifest: "kind: Secret\napiVersion: v1\nmetadata: {name: h}\nstringData: {url: 'db://u:hunter23@ab/x', bad: {deep: [hunter24]}}\n"}},
	}
	for in, want := range map[string]string{
		"hunter22":              "*****",
		"a aHVudGVyMjI= b":      "a ***** b",
		"db://u:hunter23@ab/x":  "*****",
		"hunter23 and hunter24": "***** and *****",
		"visible ab":            "visible ab",
	} {
		if got := rel.SecretMask().Replace(in); got != want {
			t.Errorf("%q becomes %q, want %q", in, got, want)
		}
	}
	if got := (&release.Release{}).SecretMask().Replace("visible"); got != "visible" {
		t.Errorf("without Secrets: %q", got)
	}
}

// TestInterruptedRollback: without a revision, a rollback that was interrupted is done
// again; one that failed otherwise is not.
func TestInterruptedRollback(t *testing.T) {
	t.Parallel()
	for _, interrupted := range []bool{true, false} {
		tr := &trip{}
		b := tr.bed(t)
		b.deploy(hookedChart(b, "a"))
		b.deploy(hookedChart(b, "b"))
		ctx, cancel := context.WithCancel(t.Context())
		tr.armed = true
		tr.at = func(n int, store bool) error {
			if store || n < 12 {
				return nil
			}
			if interrupted {
				cancel()
				return ctx.Err()
			}
			return errDenied
		}
		_, err := b.rollback(ctx, release.RollbackRequest{}, release.ApplyOptions{})
		tr.armed = false
		if err == nil {
			t.Fatalf("interrupted %v: no error", interrupted)
		}
		again, err := b.rollback(t.Context(), release.RollbackRequest{}, release.ApplyOptions{})
		want := 2
		if interrupted {
			want = 1
		}
		if err != nil || again.Info.RollbackRevision != want {
			t.Errorf("interrupted %v: %v, back to %d, want %d: %v", interrupted, err, again.Info.RollbackRevision, want, b.records())
		}
		cancel()
	}
}

// TestSecretMaskOfMany: each of many values may be a part of a large Secret.
func TestSecretMaskOfMany(t *testing.T) {
	t.Parallel()
	large, values := make([]string, 30_000), map[string]any{}
	for i := range large {
		large[i] = fmt.Sprintf("word-%d", i)
		values[large[i]] = fmt.Sprintf("other-%d", i)
	}
	values["a"], values["b"] = "word-7 word-8", "word-8 word-7"
	rel := &release.Release{
		Manifest: "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {all: " + strings.Join(large, " ") + "}\n",
		Config:   values,
	}
	const text = "word-7 word-8, word-8 word-7, other-7"
	if got := rel.SecretMask().Replace(text); got != "*****, word-8 word-7, other-7" {
		t.Errorf("got %s", got)
	}
}
