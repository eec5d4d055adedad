package component

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"

	"go.etcd.io/etcd/client/pkg/v3/transport"
	"go.etcd.io/etcd/server/v3/embed"

	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/layout"
	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/pki"
)

func runEtcd(ctx context.Context, cfg layout.Config) error {
	client, err := url.Parse(etcdURL(cfg))
	if err != nil {
		return err
	}
	// A single member has no peers, but its membership record needs an address; port 1 is nobody's.
	peer := url.URL{Scheme: "https", Host: "127.0.0.1:1"}
	dir := cfg.PKIDir()
	c := embed.NewConfig()
	c.Name = "controlplane"
	c.Dir = cfg.EtcdDir()
	c.ListenClientUrls, c.AdvertiseClientUrls = []url.URL{*client}, []url.URL{*client}
	c.ListenPeerUrls, c.AdvertisePeerUrls = nil, []url.URL{peer}
	c.InitialCluster = c.Name + "=" + peer.String()
	c.ClientTLSInfo = transport.TLSInfo{
		CertFile:       filepath.Join(dir, pki.ServingCert),
		KeyFile:        filepath.Join(dir, pki.ServingKey),
		TrustedCAFile:  filepath.Join(dir, pki.CACert),
		ClientCertAuth: true,
	}
	c.LogLevel = "warn"
	c.WarningUnaryRequestDuration = embed.DefaultWarningUnaryRequestDuration
	// The data need to survive a killed process, not a killed machine.
	c.UnsafeNoFsync = true
	e, err := embed.StartEtcd(c)
	if err != nil {
		return fmt.Errorf("start etcd: %w", err)
	}
	select {
	case <-ctx.Done():
		e.Close()
		return nil
	case err := <-e.Err():
		return fmt.Errorf("etcd: %w", err)
	case <-e.Server.StopNotify():
		return fmt.Errorf("etcd stopped")
	}
}

func etcdURL(cfg layout.Config) string { return fmt.Sprintf("https://127.0.0.1:%d", cfg.EtcdPort) }
