package kube_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/testcluster"
	"github.com/seed-0d4f92cc/pack/pkg/kube"
)

// cluster is the control plane of the tests; nil where none is to be had.
var cluster *testcluster.Cluster

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	cfg := testcluster.Config{Binary: os.Getenv("PACK_CONTROLPLANE"), Kubeconfig: os.Getenv("PACK_TEST_KUBECONFIG")}
	if cfg.Binary == "" && cfg.Kubeconfig == "" {
		return m.Run()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	var err error
	if cluster, err = testcluster.Start(ctx, cfg); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := m.Run()
	if err := cluster.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// onCluster skips the test unless there is a control plane, and returns a
// client for it and a namespace of its own.
func onCluster(t *testing.T) (*kube.Client, string) {
	t.Helper()
	needCluster(t)
	return clientOf(t, cluster.Kubeconfig(), kube.Options{}), cluster.Namespace(t)
}

func needCluster(t *testing.T) {
	t.Helper()
	if cluster == nil {
		t.Skip("PACK_CONTROLPLANE names no control plane; `make test` builds one")
	}
}

// clientOf is a client for the cluster of a kubeconfig.
func clientOf(t *testing.T, kubeconfig string, opts kube.Options) *kube.Client {
	t.Helper()
	cfg, err := kube.LoadConfig(kube.ConfigOptions{Path: kubeconfig})
	if err != nil {
		t.Fatal(err)
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	c, err := kube.New(cfg.REST, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}
