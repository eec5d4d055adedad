package plugin_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/plugin"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// getter is a plugin for the scheme mem.
func getter(t *testing.T, script string) *plugin.Getter {
	t.Helper()
	return load(t, map[string]string{
		"plugin.yaml": "name: mem\ndownloaders: [{command: bin/get.sh first $HELM_PLUGIN_NAME, protocols: [mem, mems]}]\n",
		"bin/get.sh":  "#!/bin/sh\n" + script,
	}).Getter(plugin.Process{})
}

func TestGetter(t *testing.T) {
	t.Parallel()
	const script = "echo \"$HELM_PLUGIN_USERNAME|$HELM_PLUGIN_PASSWORD|$HELM_PLUGIN_PASS_CREDENTIALS_ALL|$1|$2|$3|$4|$5|$6|$HELM_PLUGIN_NAME\"\n"
	with := repo.Access{Username: "u", Password: "p", CertFile: "c", KeyFile: "k", CAFile: "a"}
	all := with
	all.PassAll = true
	const rest = "|first|$HELM_PLUGIN_NAME|c|k|a|mem://b/x.tgz|mem\n"
	tests := map[string]struct {
		access repo.Access
		home   string
		want   string
	}{
		"of the URL":        {with, "", "u|p|false" + rest},
		"of the repository": {with, "mem://b/charts", "u|p|false" + rest},
		"of another bucket": {with, "mem://c/charts", "||false" + rest},
		"of another scheme": {with, "mems://b/charts", "||false" + rest},
		"for everybody":     {all, "mem://c/charts", "u|p|true" + rest},
		"none":              {repo.Access{}, "", "||false|first|$HELM_PLUGIN_NAME||||mem://b/x.tgz|mem\n"},
	}
	g := getter(t, script)
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res, err := g.Get(t.Context(), repo.Request{URL: "mem://b/x.tgz", Home: tc.home, Access: tc.access})
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(res.Body)
			if err != nil || string(got) != tc.want || res.Size != int64(len(got)) {
				t.Errorf("%q, size %d, %v; want %q", got, res.Size, err, tc.want)
			}
		})
	}
}

func TestGetterErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		script string
		req    repo.Request
		want   string
	}{
		"fails":          {"exit 3\n", repo.Request{URL: "mem://b/x"}, `failed to fetch mem://b/x : plugin "mem" exited with error`},
		"too much":       {"echo 0123456789\n", repo.Request{URL: "mem://b/x", MaxBytes: 10}, `plugin "mem" printed more than 10 bytes`},
		"no end":         {"cat /dev/zero\n", repo.Request{URL: "mem://b/x", MaxBytes: 1 << 20}, `plugin "mem" printed more than`},
		"another scheme": {"", repo.Request{URL: "s3://b/x"}, `no downloader found for protocol "s3"`},
		"secrets":        {"exit 1\n", repo.Request{URL: "mem://u:secret@b/x?token=secret"}, "mem://u:xxxxx@b/x?token=xxxxx"},
		"no URL":         {"", repo.Request{URL: "mem://b/%zz"}, "the URL cannot be parsed"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := getter(t, tc.script).Get(t.Context(), tc.req)
			if e, ok := errors.AsType[*repo.Error](err); !ok || e.Op != "fetch" || !strings.Contains(text(err), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
			if strings.Contains(text(err), "secret") {
				t.Errorf("%v has a secret in it", err)
			}
		})
	}
}

func TestGetterCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errStop)
	if _, err := getter(t, "sleep 60\n").Get(ctx, repo.Request{URL: "mem://b/x"}); !errors.Is(err, errStop) {
		t.Errorf("error %v", err)
	}
}
