export {
  type Fabric,
  type FabricOptions,
  openFabric,
  type RunOptions,
  type SessionReading,
  type Started,
  type StartOptions,
} from './fabric.ts'
export { main } from './main.ts'
