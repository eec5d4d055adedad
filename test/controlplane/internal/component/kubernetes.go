package component

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"

	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/layout"
	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/pki"
)

func runAPIServer(ctx context.Context, cfg layout.Config) error {
	p := func(file string) string { return filepath.Join(cfg.PKIDir(), file) }
	return execute(ctx, apiserver.NewAPIServerCommand(),
		"--etcd-servers="+etcdURL(cfg),
		"--etcd-cafile="+p(pki.CACert),
		"--etcd-certfile="+p(pki.AdminCert),
		"--etcd-keyfile="+p(pki.AdminKey),
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		"--secure-port="+strconv.Itoa(cfg.APIServerPort),
		// Loopback is no valid endpoint: without this the server logs an error every ten seconds.
		"--endpoint-reconciler-type=none",
		"--tls-cert-file="+p(pki.ServingCert),
		"--tls-private-key-file="+p(pki.ServingKey),
		"--client-ca-file="+p(pki.CACert),
		// The names of simulated nodes resolve nowhere.
		"--kubelet-preferred-address-types=InternalIP",
		"--kubelet-certificate-authority="+p(pki.CACert),
		"--kubelet-client-certificate="+p(pki.AdminCert),
		"--kubelet-client-key="+p(pki.AdminKey),
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file="+p(pki.ServiceAccountPub),
		"--service-account-signing-key-file="+p(pki.ServiceAccountKey),
		"--service-cluster-ip-range=10.96.0.0/16",
		"--authorization-mode=Node,RBAC",
		"--enable-admission-plugins=NodeRestriction",
		"--allow-privileged=true",
		"--profiling=false",
	)
}

func runControllerManager(ctx context.Context, cfg layout.Config) error {
	p := func(file string) string { return filepath.Join(cfg.PKIDir(), file) }
	return execute(ctx, controllermanager.NewControllerManagerCommand(),
		"--kubeconfig="+cfg.Kubeconfig(),
		"--secure-port=0",
		"--leader-elect=false",
		"--service-account-private-key-file="+p(pki.ServiceAccountKey),
		"--root-ca-file="+p(pki.CACert),
		"--cluster-signing-cert-file="+p(pki.CACert),
		"--cluster-signing-key-file="+p(pki.CAKey),
		"--kube-api-qps=500",
		"--kube-api-burst=1000",
		"--profiling=false",
	)
}

func runScheduler(ctx context.Context, cfg layout.Config) error {
	config := fmt.Sprintf(`apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
leaderElection:
  leaderElect: false
clientConnection:
  kubeconfig: %q
  qps: 500
  burst: 1000
enableProfiling: false
`, cfg.Kubeconfig())
	if err := layout.WriteFile(cfg.SchedulerConfig(), []byte(config)); err != nil {
		return err
	}
	return execute(ctx, scheduler.NewSchedulerCommand(), "--config="+cfg.SchedulerConfig(), "--secure-port=0")
}

func execute(ctx context.Context, cmd *cobra.Command, args ...string) error {
	cmd.SetArgs(args)
	cmd.SilenceUsage = true
	return cmd.ExecuteContext(ctx)
}
