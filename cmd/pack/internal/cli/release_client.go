package cli

import (
	"path/filepath"
	"slices"

	_ "k8s.io/client-go/plugin/pkg/client/auth" // kubeconfigs may name an auth-provider

	"github.com/seed-0d4f92cc/pack/pkg/kube"
)

// kubeOptions are where the cluster and the credentials come from.
func (s *session) kubeOptions() kube.ConfigOptions {
	k := s.Kube
	opts := kube.ConfigOptions{
		Path: k.Config, Context: k.Context,
		Server: k.APIServer, CAFile: k.CAFile, TLSServerName: k.TLSServerName, Insecure: k.InsecureSkipVerify,
		Token: k.Token, AsUser: k.AsUser, AsGroups: k.AsGroups,
		QPS: k.QPS, Burst: k.BurstLimit,
		UserAgent: "pack/" + s.Build.Version,
	}
	if paths, ok := s.Env("KUBECONFIG"); ok && paths != "" {
		opts.Paths = slices.DeleteFunc(filepath.SplitList(paths), func(path string) bool { return path == "" })
	} else if s.Home != "" {
		opts.Paths = []string{filepath.Join(s.Home, ".kube", "config")}
	}
	opts.DefaultServer, _ = s.Env("KUBERNETES_MASTER")
	opts.InCluster.Host, _ = s.Env("KUBERNETES_SERVICE_HOST")
	opts.InCluster.Port, _ = s.Env("KUBERNETES_SERVICE_PORT")
	return opts
}

// loadKube reads the kubeconfig.
func (s *session) loadKube() (kube.Config, error) {
	opts := s.kubeOptions()
	defer s.opening(append([]string{opts.Path}, opts.Paths...)...)()
	return kube.LoadConfig(opts)
}

// newClient reads the kubeconfig. The namespace is that of -n, or else of the
// kubeconfig's context. No request is sent.
func (s *session) newClient() (*kube.Client, string, error) {
	cfg, err := s.loadKube()
	if err != nil {
		return nil, "", &configError{err}
	}
	client, err := kube.New(cfg.REST, kube.Options{Context: cfg.Context, Logger: s.Log, Now: s.Now, Readiness: s.readiness})
	if err != nil {
		return nil, "", err
	}
	namespace := s.Namespace
	if namespace == "" {
		namespace = cfg.Namespace
	}
	return client, namespace, nil
}

// configError says that the kubeconfig names no cluster that could be reached. It begins
// as Helm's does.
type configError struct{ err error }

func (e *configError) Error() string { return "kubernetes cluster unreachable: " + e.err.Error() }

func (e *configError) Unwrap() error { return e.err }

// namespace is the one that is worked in where no cluster is reached: that of
// -n or HELM_NAMESPACE, or of the kubeconfig's context, or "default".
func (s *session) namespace() string {
	if s.Namespace != "" {
		return s.Namespace
	}
	if cfg, err := s.loadKube(); err == nil && cfg.Namespace != "" {
		return cfg.Namespace
	}
	return "default"
}
