package release_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// slowStore takes its time to create records.
type slowStore struct {
	*releasetest.Store
	takes time.Duration
}

func (s slowStore) Create(ctx context.Context, rel *release.Release) error {
	select {
	case <-time.After(s.takes):
		return s.Store.Create(ctx, rel)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// TestLargeRecordsHaveMoreTime: a record of some MB may take longer than a small one,
// but not for ever.
func TestLargeRecordsHaveMoreTime(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 4<<20)
	for name, tt := range map[string]struct {
		value string
		takes time.Duration
		ok    bool
	}{
		"small":           {"x", 14 * time.Second, true},
		"small, too slow": {"x", 20 * time.Second, false},
		"large":           {large, 20 * time.Second, true},
		"large, too slow": {large, time.Minute, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBed(t, bedConfig{})
				engine, err := release.New(release.Config{Store: slowStore{b.store, tt.takes}, Cluster: b.cluster})
				if err != nil {
					t.Fatal(err)
				}
				b.Engine = engine
				_, err = b.try(t.Context(), release.DeployRequest{Mode: release.Install, Chart: configMaps(t, "a="+tt.value)}, release.ApplyOptions{})
				if (err == nil) != tt.ok || err != nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}
