declare module "virtual:messages/*" {
  const messages: import("./catalogue.ts").Messages;
  export default messages;
}
