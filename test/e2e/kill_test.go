package e2e_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// killer is a proxy in front of the API server that kills the program which talks
// through it at one of its writes: before the write is passed on, or after.
type killer struct {
	proxy *httputil.ReverseProxy
	url   string

	mu     sync.Mutex
	writes int
	// at is the write at which the process is killed; 0 means never.
	at     int
	after  bool
	kill   func()
	killed bool
	// signal sends a signal to the process that runs now.
	signal func(os.Signal)

	// fault is what happens to the requests from faultAt on; first is the first.
	fault             *fault
	faultAt, requests int
	first             string
}

func newKiller(t *testing.T) *killer {
	t.Helper()
	cfg, err := clientcmd.BuildConfigFromFlags("", cluster(t).Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	transport, err := rest.TransportFor(cfg)
	if err != nil {
		t.Fatal(err)
	}
	target, err := url.Parse(cfg.Host)
	if err != nil {
		t.Fatal(err)
	}
	k := &killer{proxy: httputil.NewSingleHostReverseProxy(target)}
	k.proxy.Transport, k.proxy.FlushInterval = transport, -1
	k.proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	server := httptest.NewServer(k)
	t.Cleanup(server.Close)
	k.url = server.URL
	return k
}

// ServeHTTP passes a request on, or kills.
func (k *killer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f := k.failing(r); f != nil {
		f.do(k, w, r)
		return
	}
	due, after := k.due(r)
	if due && !after {
		k.kill()
		panic(http.ErrAbortHandler)
	}
	if due {
		k.proxy.ServeHTTP(httptest.NewRecorder(), r)
		k.kill()
		panic(http.ErrAbortHandler)
	}
	k.proxy.ServeHTTP(w, r)
}

func (k *killer) due(r *http.Request) (due, after bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.killed && k.kill != nil {
		panic(http.ErrAbortHandler) // nothing of a dead process arrives
	}
	if r.Method == http.MethodGet {
		return false, false
	}
	k.writes++
	due = k.at > 0 && k.writes == k.at
	k.killed = k.killed || due
	return due, k.after
}

// run runs pack through the proxy, killing it at a write, and returns whether it was
// killed, its output, and how it ended.
func (k *killer) run(s *session, at int, after bool, args ...string) (bool, string, error) {
	s.t.Helper()
	return k.runTool(s, packBinary(s.t), at, after, args...)
}

func (k *killer) runTool(s *session, path string, at int, after bool, args ...string) (bool, string, error) {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), path, append(args, "--namespace", s.namespace)...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+s.kubeconfig, "HOME="+s.home)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	k.mu.Lock()
	k.writes, k.at, k.after, k.killed = 0, at, after, false
	k.signal = func(sig os.Signal) { _ = cmd.Process.Signal(sig) }
	k.kill = func() {}
	if at > 0 {
		k.kill = func() { _ = cmd.Process.Kill() }
	} else {
		k.kill = nil
	}
	k.mu.Unlock()
	err := cmd.Run()
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.killed, out.String(), err
}

func (k *killer) session(t *testing.T) *session {
	t.Helper()
	dir := t.TempDir()
	s := &session{t: t, namespace: namespace(t), home: dir, kubeconfig: filepath.Join(dir, "config"), chart: filepath.Join(dir, "chart")}
	config := fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: c,
clusters: [{name: c, cluster: {server: %q}}], users: [{name: u, user: {}}], contexts: [{name: c, context: {cluster: c, user: u}}]}`, k.url)
	for name, text := range map[string]string{
		"config":            config,
		"chart/Chart.yaml":  "apiVersion: v2\nname: web\nversion: 1.0.0\n",
		"chart/values.yaml": "x: one\nmore: 0\n", "chart/templates/all.yaml": killChart,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// killChart has objects that every revision has, as many more as a value says, one that
// only revisions with its value have, and hooks before and after.
const killChart = `
{{- $names := list "a" "b" "c" .Values.x }}
{{- range until (int .Values.more) }}{{ $names = append $names (printf "x%02d" .) }}{{ end }}
{{- range $names }}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: m-{{ . }}}
data: {x: {{ $.Values.x }}}
{{- end }}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, annotations: {x: {{ .Values.x }}}}
    spec: {containers: [{name: c, image: busybox}]}
{{- range list "pre-install,pre-upgrade,pre-rollback,pre-delete" "post-install,post-upgrade,post-rollback,post-delete" }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: hook-{{ . | trunc 4 | trimSuffix "-" }}
  annotations: {helm.sh/hook: "{{ . }}", helm.sh/hook-delete-policy: "before-hook-creation,hook-succeeded"}
data: {x: {{ $.Values.x }}}
{{- end }}
`

// killMore makes 30 objects of killChart.
const killMore = 25

// TestKilledAtEveryWrite kills pack at each write of each operation on a release of 30
// objects, before the write arrives and after it, and runs the same command again: it
// succeeds without any repair, one revision is deployed, and the objects are those of
// that revision. PACK_FAULTS=all tries every write; otherwise some are left out.
func TestKilledAtEveryWrite(t *testing.T) {
	if testing.Short() {
		t.Skip("a process for each write takes minutes")
	}
	step := stride(6)
	for i, op := range killOperations("more=" + strconv.Itoa(killMore)) {
		for j, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/after %v", op.name, after), func(t *testing.T) {
				t.Parallel()
				k := newKiller(t)
				for at := 1 + (2*i+j)%step; k.once(t, op, at, after); at += step {
					t.Logf("killed at write %d", at)
				}
			})
		}
	}
}

// stride is the distance of the positions that are tried: some, or every one with
// PACK_FAULTS=all.
func stride(usual int) int {
	if os.Getenv("PACK_FAULTS") == "all" {
		return 1
	}
	return usual
}

// killOperation is one that something happens to; before are those that lead up to it.
type killOperation struct {
	name   string
	before [][]string
	args   []string
	// x is the value of the revision that is there in the end; empty for none.
	x string
}

// killOperations are those on a release of killChart with a value for --set.
func killOperations(set string) []killOperation {
	deploy := func(x string) []string {
		return []string{"upgrade", "--install", "web", "", "--wait", "--set", set, "--set", "x=" + x}
	}
	return []killOperation{
		{"install", nil, []string{"install", "web", "", "--wait", "--set", set, "--set", "x=one"}, "one"},
		{"upgrade", [][]string{deploy("one")}, deploy("two"), "two"},
		{"rollback", [][]string{deploy("one"), deploy("two")}, []string{"rollback", "web", "--wait"}, "one"},
		{"uninstall", [][]string{deploy("one"), deploy("two")}, []string{"uninstall", "web", "--wait"}, ""},
	}
}

// prepare runs what leads up to an operation.
func (k *killer) prepare(s *session, op killOperation) {
	s.t.Helper()
	for _, args := range op.before {
		if _, out, err := k.run(s, 0, false, withChart(s, args)...); err != nil {
			s.t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
}

// once does an operation that is killed at one write; it is false when there are
// not so many.
func (k *killer) once(t *testing.T, op killOperation, at int, after bool) bool {
	t.Helper()
	s, args, x := k.session(t), op.args, op.x
	s.more = killMore
	k.prepare(s, op)
	killed, out, err := k.run(s, at, after, withChart(s, args)...)
	if !killed {
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
		return false
	}
	began := time.Now()
	_, out, err = k.run(s, 0, false, withChart(s, args)...)
	// What was done to its end cannot be done again.
	finished := after && (strings.Contains(out, "cannot reuse a name that is still in use") || strings.Contains(out, "release: not found"))
	if err != nil && !finished {
		t.Errorf("write %d, after %v: again: %v\n%s", at, after, err, out)
	}
	if d := time.Since(began); d > time.Minute {
		t.Errorf("write %d, after %v: again took %v", at, after, d)
	}
	if after && args[0] == "rollback" && strings.Contains(s.run(tool{"pack", packBinary(t)}, "history", "web"), "Rollback to 2") {
		x = "two" // the first had come to its end, so this is the next step back
	}
	k.check(s, x, fmt.Sprintf("write %d, after %v", at, after))
	return true
}

// TestInteropHelmKilled kills Helm in the middle of an upgrade. Pack's next upgrade
// says whose record it waits for, and takes the release over.
func TestInteropHelmKilled(t *testing.T) {
	helm := os.Getenv("HELM4")
	if helm == "" {
		t.Skip("HELM4 names no binary; `make interop` builds one")
	}
	k := newKiller(t)
	s := k.session(t)
	deploy := func(x string) []string {
		return []string{"upgrade", "--install", "web", s.chart, "--set", "x=" + x}
	}
	if _, out, err := k.runTool(s, helm, 0, false, deploy("one")...); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if killed, out, _ := k.runTool(s, helm, 6, true, deploy("two")...); !killed {
		t.Fatalf("helm ended first\n%s", out)
	}
	_, out, err := k.run(s, 0, false, deploy("three")...)
	if err != nil || !strings.Contains(out, "such as Helm") {
		t.Errorf("%v\n%s", err, out)
	}
	k.check(s, "three", "after Helm was killed")
}

// check compares the objects and the records with what is to be there.
func (k *killer) check(s *session, x, what string) { k.checkBut(s, x, what, "") }

// checkBut is check without the objects whose names begin with but.
func (k *killer) checkBut(s *session, x, what, but string) {
	s.t.Helper()
	want := ""
	if x != "" {
		want = "m-a=" + x + " m-b=" + x + " m-c=" + x + " m-" + x + "=" + x
		for i := range s.more {
			want += fmt.Sprintf(" m-x%02d=%s", i, x)
		}
	}
	var maps struct {
		Items []struct {
			Metadata struct{ Name string }
			Data     map[string]string
		}
	}
	if err := cluster(s.t).Do(s.t.Context(), http.MethodGet, "/api/v1/namespaces/"+s.namespace+"/configmaps", nil, &maps); err != nil {
		s.t.Fatal(err)
	}
	var have []string
	for _, m := range maps.Items {
		if m.Metadata.Name != "kube-root-ca.crt" && (but == "" || !strings.HasPrefix(m.Metadata.Name, but)) {
			have = append(have, m.Metadata.Name+"="+m.Data["x"])
		}
	}
	if got := strings.Join(have, " "); got != want {
		s.t.Errorf("%s: objects %q, want %q", what, got, want)
	}
	records, deployed := k.records(s), 0
	for _, r := range records {
		switch {
		case r.status == "deployed":
			deployed++
		case strings.HasPrefix(r.status, "pending-"), r.status == "uninstalling":
			s.t.Errorf("%s: revision %s is %s", what, r.revision, r.status)
		}
	}
	if x != "" && deployed != 1 || x == "" && len(records) > 0 {
		s.t.Errorf("%s: %d records, %d deployed", what, len(records), deployed)
	}
}
