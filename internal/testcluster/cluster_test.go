package testcluster_test

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/seed-0d4f92cc/pack/internal/testcluster"
)

// TestMain makes the test binary serve as a control plane's program when it is
// launched as one.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "run" {
		if err := pretend(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// pretend prints the ready line of a control plane and ends with its input;
// PRETEND makes it fail instead.
func pretend() error {
	if failure := os.Getenv("PRETEND"); failure != "" {
		return errors.New(failure)
	}
	dir, err := os.MkdirTemp("", "testcluster-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	f := &fake{}
	defer f.start().Close()
	kubeconfig, err := f.write(dir)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "starting")
	fmt.Printf("something else\nready: KUBECONFIG=%s\n", kubeconfig)
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// fake is an API server and a control server that records what it is asked.
type fake struct {
	server *httptest.Server

	mu       sync.Mutex
	requests []string
	// lookups is how often the service account was looked for.
	lookups int
}

func (f *fake) start() *httptest.Server {
	f.server = httptest.NewTLSServer(f)
	return f.server
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, strings.Join([]string{r.Method, r.URL.Path, r.Header.Get("Authorization"), string(body)}, " "))
	switch {
	case strings.HasSuffix(r.URL.Path, "/serviceaccounts/default"):
		if f.lookups++; f.lookups == 1 {
			w.WriteHeader(http.StatusNotFound)
		}
	case r.URL.Path == "/fault" && strings.Contains(string(body), "kettle"):
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprint(w, `{"error":"component \"kettle\": not one of [etcd]"}`)
	case r.URL.Path == "/denied":
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"kind":"Status","message":"no"}`)
	case r.URL.Path == "/version":
		fmt.Fprint(w, `{"gitVersion":"v1.2.3"}`)
	}
}

// write writes the side file of a kubeconfig in dir; requests to the control
// server come without TLS, as a control plane's do.
func (f *fake) write(dir string) (kubeconfig string, err error) {
	kubeconfig = filepath.Join(dir, "kubeconfig")
	plain := httptest.NewServer(f)
	key, err := x509.MarshalPKCS8PrivateKey(f.server.TLS.Certificates[0].PrivateKey)
	if err != nil {
		return "", err
	}
	data, err := json.Marshal(map[string]any{
		"version": "v1.2.3", "kubeconfig": kubeconfig, "server": f.server.URL, "control": plain.URL, "controlToken": "secret",
		"ca":   encode("CERTIFICATE", f.server.Certificate().Raw),
		"cert": encode("CERTIFICATE", f.server.Certificate().Raw),
		"key":  encode("PRIVATE KEY", key),
	})
	if err != nil {
		return "", err
	}
	return kubeconfig, os.WriteFile(kubeconfig+".json", data, 0o600)
}

func encode(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// connect returns a cluster that is a fake.
func connect(t *testing.T) (*testcluster.Cluster, *fake) {
	t.Helper()
	f := &fake{}
	t.Cleanup(f.start().Close)
	kubeconfig, err := f.write(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	c, err := testcluster.Start(t.Context(), testcluster.Config{Kubeconfig: kubeconfig})
	if err != nil {
		t.Fatal(err)
	}
	return c, f
}

func TestStartLaunches(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	c, err := testcluster.Start(t.Context(), testcluster.Config{Binary: self, Nodes: 1, Log: &log})
	if err != nil {
		t.Fatal(err)
	}
	var version struct{ GitVersion string }
	if err := c.Do(t.Context(), http.MethodGet, "/version", nil, &version); err != nil {
		t.Fatal(err)
	}
	if version.GitVersion != c.Version() {
		t.Errorf("the server is %q, the cluster says %q", version.GitVersion, c.Version())
	}
	for range 2 {
		if err := c.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
	}
	if _, err := os.Stat(c.Kubeconfig() + ".json"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the program did not come to its end: %v", err)
	}
	if want := "starting\n"; log.String() != want {
		t.Errorf("log is %q, want %q", log.String(), want)
	}
}

func TestStartFails(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PRETEND", "port taken")
	tests := []struct {
		name string
		cfg  testcluster.Config
		want string
	}{
		{"nothing given", testcluster.Config{}, testcluster.ErrNoCluster.Error()},
		{"no such program", testcluster.Config{Binary: filepath.Join(t.TempDir(), "none")}, "no such file"},
		{"program ends", testcluster.Config{Binary: self}, "port taken"},
		{"no side file", testcluster.Config{Kubeconfig: filepath.Join(t.TempDir(), "kubeconfig")}, "no such file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := testcluster.Start(t.Context(), tt.cfg)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %v, want one that contains %q", err, tt.want)
			}
		})
	}
}

func TestNamespace(t *testing.T) {
	t.Parallel()
	c, f := connect(t)
	var name string
	t.Run("use", func(t *testing.T) { name = c.Namespace(t) })
	want := []string{
		fmt.Sprintf(`POST /api/v1/namespaces  {"apiVersion":"v1","kind":"Namespace","metadata":{"name":%q}}`, name),
		"GET /api/v1/namespaces/" + name + "/serviceaccounts/default  ",
		"GET /api/v1/namespaces/" + name + "/serviceaccounts/default  ",
		"DELETE /api/v1/namespaces/" + name + "  ",
	}
	if got := strings.Join(f.requests, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("requests are\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestDoReportsStatus(t *testing.T) {
	t.Parallel()
	c, _ := connect(t)
	err := c.Do(t.Context(), http.MethodGet, "/denied", nil, nil)
	status := new(testcluster.StatusError)
	if !errors.As(err, &status) || status.Code != http.StatusForbidden || status.Message != "no" {
		t.Errorf("error is %v, want a StatusError 403 no", err)
	}
}

func TestFault(t *testing.T) {
	t.Parallel()
	c, f := connect(t)
	if err := c.Fault(t.Context(), testcluster.ActionStop, testcluster.APIServer); err != nil {
		t.Fatal(err)
	}
	want := `POST /fault Bearer secret {"action":"stop","component":"apiserver"}`
	if got := f.requests[0]; got != want {
		t.Errorf("request is %s, want %s", got, want)
	}
	err := c.Fault(t.Context(), testcluster.ActionStop, "kettle")
	if err == nil || !strings.Contains(err.Error(), "not one of") {
		t.Errorf("error is %v, want the server's", err)
	}
}

func TestKubeconfigAs(t *testing.T) {
	t.Parallel()
	c, _ := connect(t)
	data, err := os.ReadFile(c.KubeconfigAs(t, "jane"))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Users []struct{ User struct{ As string } }
	}
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Users) != 1 || got.Users[0].User.As != "jane" {
		t.Errorf("users are %+v, want one that acts as jane", got.Users)
	}
}

// TestRealControlPlane runs against the program that PACK_CONTROLPLANE names.
func TestRealControlPlane(t *testing.T) {
	binary := os.Getenv("PACK_CONTROLPLANE")
	if binary == "" {
		t.Skip("PACK_CONTROLPLANE names no control plane; `make test` builds one")
	}
	c, err := testcluster.Start(t.Context(), testcluster.Config{Binary: binary, Nodes: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	pods := "/api/v1/namespaces/" + c.Namespace(t) + "/pods"
	pod := map[string]any{"metadata": map[string]any{"name": "p"}, "spec": map[string]any{
		"containers": []any{map[string]any{"name": "c", "image": "i"}},
	}}
	if err := c.Do(t.Context(), http.MethodPost, pods, pod, nil); err != nil {
		t.Fatal(err)
	}
	if err := c.Fault(t.Context(), testcluster.ActionKill, testcluster.APIServer); err != nil {
		t.Fatal(err)
	}
	if err := c.Do(t.Context(), http.MethodGet, pods+"/p", nil, nil); err == nil {
		t.Error("a killed API server answers")
	}
	if err := c.Fault(t.Context(), testcluster.ActionStart, testcluster.APIServer); err != nil {
		t.Fatal(err)
	}
	if err := c.Do(t.Context(), http.MethodGet, pods+"/p", nil, nil); err != nil {
		t.Error(err)
	}
}
