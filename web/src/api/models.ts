import type { components } from "./schema";

type Schemas = components["schemas"];

export type AttemptRow = Schemas["AttemptRow"];
export type AttemptState = Schemas["AttemptState"];
export type AttemptView = Schemas["AttemptView"];
export type CampaignView = Schemas["CampaignView"];

export type ComparisonView = Schemas["ComparisonView"];
export type MethodView = Schemas["MethodView"];
export type SimulationForm = Schemas["SimulationForm"];
export type SimulationView = Schemas["SimulationView"];

export type Choice = Schemas["Choice"];
export type Colleague = Schemas["Colleague"];
export type ConsentGlance = Schemas["ConsentGlance"];
export type ConsentShown = Schemas["ConsentShown"];
export type DecisionView = Schemas["DecisionView"];
export type DeskCall = Schemas["DeskCall"];
export type DeskState = Schemas["DeskState"];
export type DeskView = Schemas["DeskView"];
export type DialableView = Schemas["DialableView"];
export type ExplainView = Schemas["ExplainView"];
export type FiltersView = Schemas["FiltersView"];
export type FloorAgent = Schemas["FloorAgent"];
export type FloorView = Schemas["FloorView"];
export type ImportView = Schemas["ImportView"];
export type Law = Schemas["Law"];
export type LeadView = Schemas["LeadView"];
export type ObjectionView = Schemas["ObjectionView"];
export type Pair = Schemas["Pair"];
export type PeaksView = Schemas["PeaksView"];

export type PhoneView = Schemas["PhoneView"];
export type QueueItem = Schemas["QueueItem"];
export type RecordingView = Schemas["RecordingView"];
export type RefusedView = Schemas["RefusedView"];
export type RuleView = Schemas["RuleView"];
export type ScriptView = Schemas["ScriptView"];
export type SecondGateView = Schemas["SecondGateView"];
export type Sentence = Schemas["Sentence"];
export type SessionView = Schemas["SessionView"];
export type StatusView = Schemas["StatusView"];
export type TimelineEvent = Schemas["TimelineEvent"];
export type VerifyView = Schemas["VerifyView"];
export type JobView = Schemas["JobView"];
export type ChangeView = Schemas["ChangeView"];
export type LoginView = Schemas["LoginView"];
export type PersonList = Schemas["PersonList"];
export type AccountView = Schemas["AccountView"];
export type RegisterEntry = Schemas["RegisterEntry"];
export type RegisterField = Schemas["RegisterField"];
export type RegisterKind = Schemas["RegisterKind"];
export type SecondFactorView = Schemas["SecondFactorView"];
export type StopRow = Schemas["StopRow"];
export type TicketView = Schemas["TicketView"];
