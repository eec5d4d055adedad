// Package cluster runs a whole control plane: it prepares the data directory, supervises the component processes and
// tells when the cluster can be used.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/component"
	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/control"
	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/layout"
	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/pki"
)

// Options say how to run a control plane.
type Options struct {
	// Binary is the program whose "component" command runs one component.
	Binary string
	// DataDir holds all state; empty means a fresh temporary directory.
	DataDir string
	// Kubeconfig is where the administrator's kubeconfig is written; empty means into the data directory.
	Kubeconfig string
	// Nodes is the number of simulated nodes.
	Nodes int
	// Keep leaves the data directory behind.
	Keep bool
	// ReadyTimeout bounds the start.
	ReadyTimeout time.Duration
	// Progress receives a line for each step of the start and the stop.
	Progress func(string)
	// Ready is called once, when the cluster can be used.
	Ready func(layout.Info) error
}

// Run runs a control plane until ctx is done, which is a clean end, or a component ends by itself, which is an error.
// Nothing it started is left when it returns.
func Run(ctx context.Context, o Options) (err error) {
	cfg, unlock, err := claim(o)
	if err != nil {
		return err
	}
	defer unlock()
	kubeconfig, err := prepare(o, &cfg)
	defer func() {
		if kubeconfig != "" {
			err = errors.Join(err, layout.Remove(kubeconfig, layout.InfoFile(kubeconfig)))
		}
		if !o.Keep {
			err = errors.Join(err, os.RemoveAll(cfg.DataDir))
		}
	}()
	if err != nil {
		return err
	}
	log, err := os.OpenFile(cfg.LogFile(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	sup, err := newSupervisor(o.Binary, cfg, log)
	if err != nil {
		return err
	}
	actions, endActions := context.WithCancel(ctx)
	defer endActions()
	ctl, err := startControl(actions, sup)
	if err != nil {
		return err
	}
	defer ctl.srv.Close()
	err = supervise(ctx, o, cfg, sup, func() error { return announce(o, cfg, kubeconfig, ctl) })
	o.Progress("stopping")
	// One that waits for an API server would hold up the stop.
	endActions()
	return errors.Join(err, sup.stopAll(o.Keep))
}

// supervise returns nil when ctx is done.
func supervise(ctx context.Context, o Options, cfg layout.Config, sup *supervisor, announce func() error) error {
	for _, name := range control.Components() {
		o.Progress("starting " + name)
	}
	if err := sup.startAll(); err != nil {
		return err
	}
	ready := make(chan error, 1)
	readyCtx, cancel := context.WithTimeout(ctx, o.ReadyTimeout)
	defer cancel()
	go func() {
		o.Progress("waiting for apiserver")
		err := sup.waitAPIServer(readyCtx)
		if err == nil {
			err = waitReady(readyCtx, cfg, o.Progress)
		}
		if err == nil {
			err = announce()
		}
		ready <- err
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-sup.crashed:
			return err
		case err := <-ready:
			if ctx.Err() != nil {
				return nil
			}
			if err != nil {
				return fmt.Errorf("not ready within %s: %w; last log lines of the components:\n%s", o.ReadyTimeout, err, sup.lastLines())
			}
			ready = nil
		}
	}
}

// claim makes the data directory and keeps other control planes out of it.
func claim(o Options) (cfg layout.Config, unlock func(), err error) {
	cfg = layout.Config{DataDir: o.DataDir, Nodes: o.Nodes}
	if cfg.DataDir == "" {
		cfg.DataDir, err = os.MkdirTemp("", "controlplane-")
	} else if cfg.DataDir, err = filepath.Abs(cfg.DataDir); err == nil {
		err = os.MkdirAll(cfg.DataDir, 0o700)
	}
	if err != nil {
		return cfg, nil, err
	}
	if unlock, err = Lock(LockFile(cfg.DataDir)); err != nil {
		return cfg, nil, fmt.Errorf("data directory %s: %w", cfg.DataDir, err)
	}
	return cfg, unlock, nil
}

// prepare chooses the ports and writes what the components read; it returns the path of the kubeconfig to be.
func prepare(o Options, cfg *layout.Config) (kubeconfig string, err error) {
	if kubeconfig = o.Kubeconfig; kubeconfig == "" {
		kubeconfig = filepath.Join(cfg.DataDir, "kubeconfig")
	}
	if kubeconfig, err = filepath.Abs(kubeconfig); err != nil {
		return "", err
	}
	ports, err := freePorts(3)
	if err != nil {
		return "", err
	}
	cfg.EtcdPort, cfg.APIServerPort, cfg.KubeletPort = ports[0], ports[1], ports[2]
	if err := pki.Ensure(cfg.PKIDir(), time.Now()); err != nil {
		return "", fmt.Errorf("certificates: %w", err)
	}
	if err := layout.WriteJSON(cfg.ConfigFile(), cfg); err != nil {
		return "", err
	}
	return kubeconfig, writeKubeconfig(*cfg, cfg.Kubeconfig())
}

// announce writes the files that others read and calls Ready.
func announce(o Options, cfg layout.Config, kubeconfig string, ctl *switchboard) error {
	version, err := component.KubernetesVersion()
	if err != nil {
		return err
	}
	info := layout.Info{
		PID: os.Getpid(), Version: version, Kubeconfig: kubeconfig, DataDir: cfg.DataDir,
		Server: cfg.ServerURL(), Control: ctl.url, ControlToken: ctl.token,
	}
	for file, field := range map[string]*string{pki.CACert: &info.CA, pki.AdminCert: &info.Cert, pki.AdminKey: &info.Key} {
		data, err := os.ReadFile(filepath.Join(cfg.PKIDir(), file))
		if err != nil {
			return err
		}
		*field = string(data)
	}
	if err := writeKubeconfig(cfg, kubeconfig); err != nil {
		return err
	}
	if err := layout.WriteJSON(layout.InfoFile(kubeconfig), info); err != nil {
		return err
	}
	return o.Ready(info)
}

func writeKubeconfig(cfg layout.Config, path string) error {
	const name = "controlplane"
	cluster, user := clientcmdapi.NewCluster(), clientcmdapi.NewAuthInfo()
	cluster.Server = cfg.ServerURL()
	for file, field := range map[string]*[]byte{
		pki.CACert:    &cluster.CertificateAuthorityData,
		pki.AdminCert: &user.ClientCertificateData,
		pki.AdminKey:  &user.ClientKeyData,
	} {
		data, err := os.ReadFile(filepath.Join(cfg.PKIDir(), file))
		if err != nil {
			return err
		}
		*field = data
	}
	k := clientcmdapi.NewConfig()
	k.Clusters[name], k.AuthInfos[name] = cluster, user
	k.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	k.CurrentContext = name
	data, err := clientcmd.Write(*k)
	if err != nil {
		return err
	}
	return layout.WriteFile(path, data)
}

// freePorts returns ports on 127.0.0.1 that nothing listens on. They lie below the ranges from which systems choose
// ports for outgoing connections, so that none is taken while a component is stopped and wants it back.
func freePorts(n int) ([]int, error) {
	const low, high = 20000, 32000
	var ports []int
	for range 1000 {
		port := low + rand.IntN(high-low)
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			continue
		}
		defer l.Close()
		if ports = append(ports, port); len(ports) == n {
			return ports, nil
		}
	}
	return nil, fmt.Errorf("no %d free ports on 127.0.0.1 between %d and %d", n, low, high)
}
