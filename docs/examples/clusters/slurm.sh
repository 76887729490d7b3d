#!/bin/bash
#SBATCH --job-name=keisei
#SBATCH --nodes=2 --ntasks-per-node=4 --gpus-per-task=1 --cpus-per-task=8
#SBATCH --signal=TERM@120 --requeue --open-mode=append

MASTER_ADDR=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
MASTER_PORT=$((29500 + SLURM_JOB_ID % 1000)) # two jobs may share a node
KEISEI_RUN=$HOME/runs/$SLURM_JOB_ID          # where the first node can write
mkdir -p "$HOME/runs"
export MASTER_ADDR MASTER_PORT KEISEI_RUN
export SRUN_CPUS_PER_TASK=$SLURM_CPUS_PER_TASK # srun takes it from nowhere else since SLURM 22.05

# shellcheck disable=SC2016 # each task's own
srun bash -c '
    export RANK=$SLURM_PROCID WORLD_SIZE=$SLURM_NTASKS
    export LOCAL_RANK=$SLURM_LOCALID LOCAL_WORLD_SIZE=$SLURM_NTASKS_PER_NODE
    exec keisei run keisei.toml --ddp --run-dir "$KEISEI_RUN" --or-resume'
code=$? # the highest of all tasks; 128 and more is a signal

if [ $code -eq 75 ]; then # was told to stop, and saved
    scontrol requeue "$SLURM_JOB_ID"
elif [ $code -eq 6 ] || [ $code -gt 128 ]; then # lost a process or a node
    echo $code >>"$KEISEI_RUN.losses"
    [ "$(wc -l <"$KEISEI_RUN.losses")" -le 20 ] && scontrol requeue "$SLURM_JOB_ID"
fi
exit $code
