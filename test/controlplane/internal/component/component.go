// Package component runs one component of the control plane in the current process, until the process is ended.
package component

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/control"
	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/layout"
	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/nodes"
	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/pki"
)

// dependencyTimeout bounds how long a component waits for what it depends on before it gives up.
const dependencyTimeout = 2 * time.Minute

// Run runs the named component. It returns when the component has ended, which is an error unless ctx is done.
func Run(ctx context.Context, name string, cfg layout.Config) error {
	if err := setVersion(); err != nil {
		return err
	}
	switch name {
	case control.Etcd:
		return runEtcd(ctx, cfg)
	case control.APIServer:
		if err := waitPort(ctx, cfg.EtcdPort); err != nil {
			return fmt.Errorf("wait for etcd: %w", err)
		}
		return runAPIServer(ctx, cfg)
	}
	if err := waitAPIServer(ctx, cfg); err != nil {
		return fmt.Errorf("wait for the API server: %w", err)
	}
	switch name {
	case control.ControllerManager:
		return runControllerManager(ctx, cfg)
	case control.Scheduler:
		return runScheduler(ctx, cfg)
	case control.Nodes:
		return nodes.Run(ctx, cfg)
	}
	return fmt.Errorf("component %q: not one of %v", name, control.Components())
}

func waitPort(ctx context.Context, port int) error {
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	return poll(ctx, func(ctx context.Context) error {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
		if err != nil {
			return err
		}
		return conn.Close()
	})
}

func waitAPIServer(ctx context.Context, cfg layout.Config) error {
	client, err := HTTPClient(cfg)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	return poll(ctx, func(ctx context.Context) error { return Readyz(ctx, client, cfg) })
}

// Readyz asks the API server whether it is ready.
func Readyz(ctx context.Context, client *http.Client, cfg layout.Config) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, cfg.ServerURL()+"/readyz", nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("/readyz answers %s", resp.Status)
	}
	return errors.Join(err, resp.Body.Close())
}

// HTTPClient returns a client that is an administrator to the API server.
func HTTPClient(cfg layout.Config) (*http.Client, error) {
	dir := cfg.PKIDir()
	cert, err := tls.LoadX509KeyPair(filepath.Join(dir, pki.AdminCert), filepath.Join(dir, pki.AdminKey))
	if err != nil {
		return nil, err
	}
	ca, err := os.ReadFile(filepath.Join(dir, pki.CACert))
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	tr := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13}}
	return &http.Client{Transport: tr, Timeout: 5 * time.Second}, nil
}

// poll calls f until it succeeds.
func poll(ctx context.Context, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, dependencyTimeout)
	defer cancel()
	for {
		err := f(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
