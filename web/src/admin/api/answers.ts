/** What the calls of the administration answer besides objects. */

import type { components } from '../../api/generated/schema';

type Schemas = components['schemas'];

/** One row of the settings catalogue. */
export type SettingEntry = Schemas['SettingView'];

/** What is wrong with an expression, and where; line and column from 1. */
export type ExpressionError = Schemas['ExpressionErrorView'];

export type ExpressionPurpose = Schemas['PurposeView'];
export type ExpressionCheck = Schemas['CheckView'];
export type PolicyCase = Schemas['TestBody'];
export type PolicyTest = Schemas['TestView'];
/** How somebody proved who they are. */
export type SignInMethod = Schemas['AuthenticationMethod'];

export type ExplainCase = Schemas['ExplainBody'];
export type Explanation = Schemas['ExplanationView'];
export type SettingLevel = Schemas['Level'];
export type Use = Schemas['UseView'];
export type NodeLoad = Schemas['NodeLoadView'];
export type Overview = Schemas['OverviewView'];
export type JoinToken = Schemas['JoinTokenView'];
