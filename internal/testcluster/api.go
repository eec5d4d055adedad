package testcluster

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// maxBody bounds an answer that is read, in bytes.
const maxBody = 64 << 20

// patience bounds the waits of [Cluster.Namespace].
const patience = time.Minute

// StatusError is an answer other than success.
type StatusError struct {
	// Method and Path are those of the request.
	Method, Path string
	// Code is the HTTP status.
	Code int
	// Message is what the server says about it.
	Message string
}

// Error names the request, the status and the server's message.
func (e *StatusError) Error() string {
	return fmt.Sprintf("%s %s: status %d: %s", e.Method, e.Path, e.Code, e.Message)
}

// Do sends a request to the API server as an administrator: in, unless nil, is
// its body as JSON, of a PATCH as a merge patch, and the answer is decoded into
// out, unless that is nil. An answer other than success is a [*StatusError].
func (c *Cluster) Do(ctx context.Context, method, path string, in, out any) error {
	return do(ctx, c.client, call{method: method, url: c.info.Server, path: path}, in, out)
}

// Namespace creates a namespace of random name for one test, ready for pods,
// and deletes it when the test is over, without waiting for that.
func (c *Cluster) Namespace(t testing.TB) string {
	t.Helper()
	name := "t-" + strings.ToLower(rand.Text()[:8])
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	in := map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name}}
	if err := c.Do(ctx, http.MethodPost, "/api/v1/namespaces", in, nil); err != nil {
		t.Fatalf("create namespace: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
		defer cancel()
		err := c.Do(ctx, http.MethodDelete, "/api/v1/namespaces/"+name, nil, nil)
		if status := new(StatusError); errors.As(err, &status) && status.Code == http.StatusNotFound {
			return
		}
		if err != nil {
			t.Errorf("delete namespace: %v", err)
		}
	})
	// Until its service account is there, the namespace takes no pods.
	for {
		err := c.Do(ctx, http.MethodGet, "/api/v1/namespaces/"+name+"/serviceaccounts/default", nil, nil)
		if err == nil {
			return name
		}
		select {
		case <-ctx.Done():
			t.Fatalf("namespace %s has no service account: %v", name, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// KubeconfigAs writes a kubeconfig with which requests are made in the name of
// a user, who may do nothing but what the test grants with RBAC. It returns
// its path, which ends with the test.
func (c *Cluster) KubeconfigAs(t testing.TB, user string) string {
	t.Helper()
	encode := func(pem string) string { return base64.StdEncoding.EncodeToString([]byte(pem)) }
	// Every JSON document is a YAML document.
	data, err := json.Marshal(map[string]any{
		"apiVersion": "v1",
		"kind":       "Config",
		"clusters": []any{map[string]any{"name": "c", "cluster": map[string]any{
			"server": c.info.Server, "certificate-authority-data": encode(c.info.CA),
		}}},
		"users": []any{map[string]any{"name": "u", "user": map[string]any{
			"client-certificate-data": encode(c.info.Cert), "client-key-data": encode(c.info.Key), "as": user,
		}}},
		"contexts":        []any{map[string]any{"name": "c", "context": map[string]any{"cluster": "c", "user": "u"}}},
		"current-context": "c",
	})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (i info) newClient() (*http.Client, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(i.CA)) {
		return nil, errors.New("it holds no authority's certificate")
	}
	cert, err := tls.X509KeyPair([]byte(i.Cert), []byte(i.Key))
	if err != nil {
		return nil, fmt.Errorf("its client certificate: %w", err)
	}
	return &http.Client{Transport: &http.Transport{
		ForceAttemptHTTP2: true,
		TLSClientConfig:   &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12},
	}}, nil
}

// call is a request without its body.
type call struct {
	method, url, path, token string
}

func do(ctx context.Context, client *http.Client, c call, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, c.method, c.url+c.path, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if c.method == http.MethodPatch {
		req.Header.Set("Content-Type", "application/merge-patch+json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(http.MaxBytesReader(nil, resp.Body, maxBody))
	if err != nil {
		return fmt.Errorf("%s %s: %w", c.method, c.path, err)
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return &StatusError{Method: c.method, Path: c.path, Code: resp.StatusCode, Message: message(data)}
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("%s %s: %w", c.method, c.path, err)
	}
	return nil
}

// message is what the API server or the control server says of a failure.
func message(body []byte) string {
	var m struct {
		Message string `json:"message"`
		Error   string `json:"error"`
	}
	if json.Unmarshal(body, &m) == nil && m.Message+m.Error != "" {
		return m.Message + m.Error
	}
	const enough = 200
	return string(body[:min(len(body), enough)])
}
