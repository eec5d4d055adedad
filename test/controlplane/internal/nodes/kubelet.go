package nodes

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

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/layout"
	"github.com/seed-0d4f92cc/pack/test/controlplane/internal/pki"
)

// logsAnnotation on a pod is what its containers log.
const logsAnnotation = "controlplane.test/logs"

// serveKubelet answers the API server's requests for container logs, for all nodes, until ctx is done.
func serveKubelet(ctx context.Context, c kubernetes.Interface, cfg layout.Config) error {
	dir := cfg.PKIDir()
	ca, err := os.ReadFile(filepath.Join(dir, pki.CACert))
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", func(w http.ResponseWriter, r *http.Request) {
		containerLogs(c, w, r)
	})
	srv := &http.Server{
		Addr:              net.JoinHostPort("127.0.0.1", strconv.Itoa(cfg.KubeletPort)),
		Handler:           mux,
		TLSConfig:         &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: pool, MinVersion: tls.VersionTLS13},
		ReadHeaderTimeout: 10 * time.Second,
	}
	stop := context.AfterFunc(ctx, func() { srv.Close() })
	defer stop()
	err = srv.ListenAndServeTLS(filepath.Join(dir, pki.ServingCert), filepath.Join(dir, pki.ServingKey))
	if ctx.Err() != nil && errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("kubelet server: %w", err)
}

func containerLogs(c kubernetes.Interface, w http.ResponseWriter, r *http.Request) {
	pod, err := c.CoreV1().Pods(r.PathValue("namespace")).Get(r.Context(), r.PathValue("pod"), metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	text, ok := pod.Annotations[logsAnnotation]
	if !ok {
		text = fmt.Sprintf("simulated container %s of pod %s", r.PathValue("container"), pod.Name)
	}
	fmt.Fprintln(w, text)
}
