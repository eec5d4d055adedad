package kube_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
)

const kubeconfig = "testdata/kubeconfig"

// facts is what a configuration comes to.
type facts struct {
	Host, Namespace, Context, Token, User, CAFile, ServerName, Agent string
	Groups                                                           []string
	Insecure                                                         bool
	QPS                                                              float32
	Burst                                                            int
}

func factsOf(c kube.Config) facts {
	return facts{
		Host: c.REST.Host, Namespace: c.Namespace, Context: c.Context, Token: c.REST.BearerToken,
		User: c.REST.Impersonate.UserName, Groups: c.REST.Impersonate.Groups,
		CAFile: c.REST.CAFile, ServerName: c.REST.ServerName, Insecure: c.REST.Insecure,
		QPS: c.REST.QPS, Burst: c.REST.Burst, Agent: c.REST.UserAgent,
	}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoadConfig(t *testing.T) {
	t.Parallel()
	extra := write(t, "extra", `
apiVersion: v1
kind: Config
current-context: other
clusters: [{name: extra, cluster: {server: "https://extra.example.com"}}]
contexts: [{name: other, context: {cluster: extra}}, {name: staging, context: {cluster: extra}}]
`)
	ca := write(t, "ca.crt", "not read yet")
	tests := []struct {
		name string
		opts kube.ConfigOptions
		want facts
	}{
		{
			name: "current context", opts: kube.ConfigOptions{Path: kubeconfig},
			want: facts{Host: "https://production.example.com", Namespace: "default", Context: "production", Token: "not-a-secret", Agent: "pack"},
		},
		{
			name: "another context", opts: kube.ConfigOptions{Paths: []string{kubeconfig}, Context: "staging"},
			want: facts{Host: "https://staging.example.com", Namespace: "shop", Context: "staging", Token: "not-a-secret", Agent: "pack"},
		},
		{
			name: "files are merged, the first wins", opts: kube.ConfigOptions{Paths: []string{"", "/none", extra, kubeconfig}},
			want: facts{Host: "https://extra.example.com", Namespace: "default", Context: "other", Agent: "pack"},
		},
		{
			name: "what one file names twice is the first's", opts: kube.ConfigOptions{Paths: []string{kubeconfig, extra}, Context: "staging"},
			want: facts{Host: "https://staging.example.com", Namespace: "shop", Context: "staging", Token: "not-a-secret", Agent: "pack"},
		},
		{
			name: "overrides",
			opts: kube.ConfigOptions{
				Path: kubeconfig, Server: "https://here:6443", CAFile: ca, TLSServerName: "api", Token: "mine",
				AsUser: "eve", AsGroups: []string{"g1", "g2"}, QPS: 7, Burst: 9, UserAgent: "pack/1",
			},
			want: facts{
				Host: "https://here:6443", Namespace: "default", Context: "production", Token: "mine", User: "eve", Groups: []string{"g1", "g2"},
				CAFile: ca, ServerName: "api", QPS: 7, Burst: 9, Agent: "pack/1",
			},
		},
		{
			name: "insecure", opts: kube.ConfigOptions{Path: kubeconfig, Insecure: true},
			want: facts{Host: "https://production.example.com", Namespace: "default", Context: "production", Token: "not-a-secret", Insecure: true, Agent: "pack"},
		},
		{
			name: "a server alone", opts: kube.ConfigOptions{Server: "https://here:6443", Token: "mine"},
			want: facts{Host: "https://here:6443", Namespace: "default", Token: "mine", Agent: "pack"},
		},
		{
			name: "a server for want of a kubeconfig", opts: kube.ConfigOptions{Paths: []string{"/none"}, DefaultServer: "http://there:8080"},
			want: facts{Host: "http://there:8080", Namespace: "default", Agent: "pack"},
		},
		{
			name: "no want of one", opts: kube.ConfigOptions{Server: "https://here:6443", DefaultServer: "http://there:8080"},
			want: facts{Host: "https://here:6443", Namespace: "default", Agent: "pack"},
		},
		{
			name: "a kubeconfig comes first", opts: kube.ConfigOptions{Path: kubeconfig, DefaultServer: "http://there:8080"},
			want: facts{Host: "https://production.example.com", Namespace: "default", Context: "production", Token: "not-a-secret", Agent: "pack"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg, err := kube.LoadConfig(tt.opts)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, factsOf(cfg)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLoadConfigInCluster(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"token": "pod-token\n", "namespace": "prod\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pod := kube.InCluster{Host: "fd00::1", Port: "443", Dir: dir}
	cfg, err := kube.LoadConfig(kube.ConfigOptions{Paths: []string{"/none"}, InCluster: pod, QPS: 3})
	if err != nil {
		t.Fatal(err)
	}
	want := facts{Host: "https://[fd00::1]:443", Namespace: "prod", Token: "pod-token", CAFile: filepath.Join(dir, "ca.crt"), QPS: 3, Agent: "pack"}
	if diff := cmp.Diff(want, factsOf(cfg)); diff != "" {
		t.Error(diff)
	}
	cfg, err = kube.LoadConfig(kube.ConfigOptions{Paths: []string{kubeconfig}, InCluster: pod})
	if err != nil || cfg.Context != "production" {
		t.Errorf("a kubeconfig comes first: %v, %v", cfg.Context, err)
	}
	cfg, err = kube.LoadConfig(kube.ConfigOptions{InCluster: pod, Token: "mine", Insecure: true, AsUser: "eve"})
	if err != nil {
		t.Fatal(err)
	}
	want = facts{Host: "https://[fd00::1]:443", Namespace: "prod", Token: "mine", User: "eve", Insecure: true, Agent: "pack"}
	if diff := cmp.Diff(want, factsOf(cfg)); diff != "" {
		t.Error(diff)
	}
	if _, err = kube.LoadConfig(kube.ConfigOptions{InCluster: kube.InCluster{Host: "h", Dir: "/none"}}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without a token: error %v", err)
	}
}

func TestLoadConfigErrors(t *testing.T) {
	t.Parallel()
	broken := write(t, "broken", "a: [\n")
	aimless := write(t, "aimless", "apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: 'https://c'}}]\n")
	dangling := write(t, "dangling", "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: gone}}]\n")
	endless := func(cluster, user string) string {
		return write(t, "endless", "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n"+
			"clusters: [{name: c, cluster: {server: 'https://c'"+cluster+"}}]\nusers: [{name: u, user: {"+user+"}}]\n")
	}
	const device = "/dev/zero is a device"
	tests := []struct {
		name string
		opts kube.ConfigOptions
		want []string // all in the text
		is   error
	}{
		{name: "nothing", want: []string{"no configuration of a Kubernetes cluster", "(no file was named)"}, is: kube.ErrNoConfig},
		{name: "no such files", opts: kube.ConfigOptions{Paths: []string{"/none", "/nada"}}, want: []string{"/none, /nada"}, is: kube.ErrNoConfig},
		{name: "no such file", opts: kube.ConfigOptions{Path: "/none"}, want: []string{"kubeconfig file /none does not exist"}},
		{name: "not YAML", opts: kube.ConfigOptions{Path: broken}, want: []string{broken, "yaml"}},
		{name: "no such context", opts: kube.ConfigOptions{Path: kubeconfig, Context: "nope"}, want: []string{kubeconfig, `context "nope" does not exist`}},
		{name: "a context without a file", opts: kube.ConfigOptions{Context: "nope"}, want: []string{`context "nope"`}, is: kube.ErrNoConfig},
		{name: "no such cluster", opts: kube.ConfigOptions{Path: dangling}, want: []string{dangling, `cluster "gone"`}},
		{name: "a device", opts: kube.ConfigOptions{Path: "/dev/zero"}, want: []string{device}},
		{name: "a device among others", opts: kube.ConfigOptions{Paths: []string{"/dev/null", "/dev/zero"}}, want: []string{device}},
		{name: "a device for an authority", opts: kube.ConfigOptions{Path: endless(", certificate-authority: /dev/zero", "")}, want: []string{device}},
		{name: "a device for another authority", opts: kube.ConfigOptions{Path: endless("", ""), CAFile: "/dev/zero"}, want: []string{device}},
		{name: "a device for a token", opts: kube.ConfigOptions{Path: endless("", "tokenFile: /dev/zero")}, want: []string{device}},
		{name: "a device for a key", opts: kube.ConfigOptions{Path: endless("", "client-certificate: /dev/null, client-key: /dev/zero")}, want: []string{device}},
		{name: "no current context", opts: kube.ConfigOptions{Path: aimless}, want: []string{"no current context"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := kube.LoadConfig(tt.opts)
			if err == nil {
				t.Fatal("no error")
			}
			for _, part := range tt.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q lacks %q", err, part)
				}
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("error %v is not %v", err, tt.is)
			}
		})
	}
}

func TestContexts(t *testing.T) {
	t.Parallel()
	first := write(t, "first", "contexts: [{name: b, context: {cluster: one}}]\n")
	second := write(t, "second", "contexts: [{name: b, context: {cluster: two}}, {name: a, context: {}}]\n")
	got, err := kube.Contexts(kube.ConfigOptions{Paths: []string{first, filepath.Join(t.TempDir(), "none"), second}})
	if diff := cmp.Diff([]kube.KubeconfigContext{{Name: "a"}, {Name: "b", Cluster: "one"}}, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if got, err := kube.Contexts(kube.ConfigOptions{Path: write(t, "broken", "contexts: 3\n")}); err == nil {
		t.Errorf("no error, but %v", got)
	}
}
