#!/bin/bash
#SBATCH --job-name=keisei
#SBATCH --nodes=2 --ntasks-per-node=1 --cpus-per-task=32 --gpus-per-task=4
#SBATCH --exclusive --requeue --open-mode=append

export RAY_AUTH_MODE=token RAY_worker_niceness=0 RAY_USAGE_STATS_ENABLED=0
export RAY_SYMMETRIC_RUN_CLUSTER_WAIT_TIMEOUT=300 # seconds, for the slowest node
export RAY_TMPDIR=/tmp/r$SLURM_JOB_ID             # paths of Ray's sockets end at 107 bytes
export SRUN_CPUS_PER_TASK=$SLURM_CPUS_PER_TASK # srun takes it from nowhere else since SLURM 22.05
HEAD=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
KEISEI_RUN=$HOME/runs/$SLURM_JOB_ID # where the first node can write
mkdir -p "$HOME/runs" "$HOME/.ray"
[ -e "$HOME/.ray/auth_token" ] || (umask 077 && ray get-auth-token --generate)

# 8 threads: a GPU's share of the CPUs.
srun ray symmetric-run --address "$HEAD:6379" --min-nodes "$SLURM_NNODES" \
    --num-cpus "$SLURM_CPUS_PER_TASK" --num-gpus "$SLURM_GPUS_PER_TASK" -- \
    keisei run keisei.toml --run-dir "$KEISEI_RUN" --or-resume --set run.threads=8 \
    --set distribution.name=ray --set distribution.address=auto --set distribution.max_restarts=5
code=$?
[ $code -eq 0 ] && [ ! -e "$KEISEI_RUN/result.json" ] && code=6 # Ray did not start, which ends with 0

if [ $code -eq 75 ]; then # was told to stop, and saved
    scontrol requeue "$SLURM_JOB_ID"
elif [ $code -eq 6 ] || [ $code -gt 128 ]; then # lost a process or a node
    echo $code >>"$KEISEI_RUN.losses"
    [ "$(wc -l <"$KEISEI_RUN.losses")" -le 20 ] && scontrol requeue "$SLURM_JOB_ID"
fi
exit $code
