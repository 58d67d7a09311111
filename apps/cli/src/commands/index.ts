import type { CommandModule, Surroundings } from '@ta/cli-kit';
import { alertsCommand } from './alerts.ts';
import { assetsCommand } from './assets.ts';
import { barsCommand } from './bars.ts';
import { dbCommand } from './db.ts';
import { demoCommand } from './demo.ts';
import { emasCommand } from './emas.ts';
import { exportCommand } from './export.ts';
import { gapsCommand } from './gaps.ts';
import { holidaysCommand } from './holidays.ts';
import { importCommand } from './import.ts';
import { logsCommand } from './logs.ts';
import { queueCommand } from './queue.ts';
import { refreshCommand } from './refresh.ts';
import { rejectsCommand } from './rejects.ts';
import { runsCommand } from './runs.ts';
import { settingsCommand } from './settings.ts';
import { sqlCommand } from './sql.ts';
import { stateCommand } from './state.ts';
import { uiCommand } from './ui.ts';
import { workerCommand } from './worker.ts';

/** Every command, in the order of the help text. */
export function commands(around: Surroundings): CommandModule[] {
  return [
    refreshCommand(around),
    barsCommand(around),
    emasCommand(around),
    workerCommand(around),
    queueCommand(around),
    importCommand(around),
    assetsCommand(around),
    holidaysCommand(around),
    sqlCommand(around),
    settingsCommand(around),
    stateCommand(around),
    gapsCommand(around),
    rejectsCommand(around),
    runsCommand(around),
    logsCommand(around),
    alertsCommand(around),
    dbCommand(around),
    exportCommand(around),
    uiCommand(around),
    demoCommand(around),
  ] as CommandModule[];
}
