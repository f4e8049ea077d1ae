import type {
  ArrowFunctionExpression,
  AwaitExpression,
  BlockStatement,
  CatchClause,
  Directive,
  DoWhileStatement,
  Expression,
  ForOfStatement,
  Function,
  IfStatement,
  Node,
  ReturnStatement,
  Statement,
  TryStatement,
  VariableDeclaration,
} from "oxc-parser";
import { frontOfBody } from "../syntax/arrow.ts";
import { type AnyFunction, CLOSE, type Cleanup, DROP, THROW } from "../frame.ts";
import { Declared, isOwn, keptVariables } from "./kept-variables.ts";
import { type ConditionalLoop, continues, frontOf } from "./loop-condition.ts";
import { Notes } from "./notes.ts";
import { orderOf } from "./order-of.ts";
import type { Reentry, ReentryCall } from "./reentry.ts";
import { isDirective } from "../select.ts";
import { Steps, Temporaries } from "./steps.ts";
import { UNFIT, suitability } from "./suitability.ts";
import { Uses } from "./uses.ts";

/** With more variables than this a generator is as good: to keep each and to bring it back costs time. */
const MOST_VARIABLES = 12;

/** How a function is re-entered; null when it needs a generator. `steady` are the names of its file that keep their values. */
export function plan(
  node: AnyFunction,
  body: BlockStatement | Expression,
  code: string,
  steady: ReadonlySet<string>,
): Reentry | null {
  try {
    return new Planner(node, body, code, steady).reentry();
  } catch (error) {
    if (error === UNFIT) return null;
    throw error;
  }
}

class Planner {
  readonly #node: AnyFunction;
  readonly #body: BlockStatement | Expression;
  readonly #code: string;
  readonly #steady: ReadonlySet<string>;
  readonly #uses: Uses;
  readonly #call: ReentryCall;
  readonly #waiting: ReadonlySet<Node>;
  readonly #temporaries = new Temporaries();
  readonly #steps: Steps;
  readonly #notes = new Notes();
  readonly #declared = new Declared();
  /** The loops over iterators around what is looked at. */
  #iterating: readonly number[] = [];
  #loops = 0;
  #closing = 0;
  #catching = 0;
  #cleanup: Cleanup = DROP;

  constructor(node: AnyFunction, body: BlockStatement | Expression, code: string, steady: ReadonlySet<string>) {
    this.#node = node;
    this.#body = body;
    this.#code = code;
    this.#steady = steady;
    this.#uses = new Uses(node);
    this.#steps = new Steps(code, this.#temporaries);
    const { waiting, call } = suitability(node, body);
    this.#waiting = waiting;
    this.#call = call;
  }

  reentry(): Reentry {
    const body = this.#body;
    if (this.#waiting.size === 0) throw UNFIT;
    if (body.type === "BlockStatement") this.#list(body, body.body);
    else this.#hold(body, body, frontOfBody(this.#code, this.#node as ArrowFunctionExpression));
    const { parameters } = this.#call;
    const variables = keptVariables(this.#node, parameters, this.#declared, this.#uses);
    if (variables === null) throw UNFIT;
    const kept = variables.length + this.#temporaries.most;
    if (kept > MOST_VARIABLES) throw UNFIT;
    return {
      ...this.#call,
      ...this.#notes,
      variables,
      functions: this.#declared.functions.map(({ id }) => id!.name),
      temporaries: this.#temporaries.most,
      cleanup: this.#cleanup,
      places: this.#steps.places,
      moved: this.#steps.moved,
      replaced: this.#steps.replaced,
      fronts: this.#steps.fronts,
      compounds: this.#steps.compounds,
    };
  }

  /** A variable that nobody can change while this waits: nothing in the file does, or it is one of this function alone. */
  readonly #keeps = (name: string): boolean =>
    this.#steady.has(name) || isOwn(name, this.#node, this.#declared.hoisted, this.#uses);

  readonly #waits = (node: Node | null | undefined): boolean => node != null && this.#waiting.has(node);

  /** The statements of a list that is entered again. */
  #list(scope: Node, list: readonly (Statement | Directive)[]): void {
    const last = list.findLast(this.#waits);
    let group: Node | null = null;
    let before: Node | null = null;
    const endGroup = (): void => {
      if (group === null) return;
      this.#notes.firsts.add(group);
      this.#notes.lasts.add(before as Node);
      group = null;
    };
    let behind = false;
    for (const statement of list) {
      if (isDirective(statement)) continue;
      if (this.#waits(statement)) {
        endGroup();
        this.#statement(statement, scope);
        if (statement === last) behind = true;
        else this.#notes.passed.set(statement, this.#steps.count);
        continue;
      }
      if (statement.type === "FunctionDeclaration" || statement.type === "TSDeclareFunction") {
        endGroup();
        this.#function(statement, scope);
        continue;
      }
      this.#declare(statement, scope);
      if (!behind) {
        group ??= statement;
        before = statement;
      }
    }
  }

  #declare(statement: Node, scope: Node): void {
    switch (statement.type) {
      case "VariableDeclaration":
        return this.#hoist(statement, scope);
      case "TSTypeAliasDeclaration":
      case "TSInterfaceDeclaration":
        throw UNFIT;
    }
  }

  /** It is made anew each time, and gives its place to the first one. */
  #function(node: Function, scope: Node): void {
    if (scope !== this.#body) throw UNFIT;
    if (node.type === "FunctionDeclaration") this.#declared.functions.push(node);
  }

  #hoist(declaration: VariableDeclaration, scope: Node): void {
    if (declaration.declarations.some(({ definite }) => definite)) throw UNFIT;
    const isFirst = this.#steps.count === 0 && !this.#waits(declaration);
    this.#declared.hoisted.push({ declaration, scope, inLoop: this.#loops > 0, isFirst });
    this.#notes.declarations.add(declaration);
  }

  /** They become a statement each. */
  #declarators(node: VariableDeclaration): void {
    const last = node.declarations.findLast(this.#waits);
    let behind = false;
    for (const declarator of node.declarations) {
      if (this.#waits(declarator)) {
        this.#hold(declarator, declarator.init!);
        if (declarator === last) behind = true;
        else this.#notes.passed.set(declarator, this.#steps.count);
      } else if (!behind) for (const edges of [this.#notes.firsts, this.#notes.lasts]) edges.add(declarator);
    }
    this.#notes.severed.add(node);
  }

  /** A statement that holds an await. */
  #statement(node: Statement | Directive, scope: Node): void {
    switch (node.type) {
      case "BlockStatement":
        return this.#list(node, node.body);
      case "ExpressionStatement":
        return this.#hold(node, node.expression);
      case "VariableDeclaration": {
        const { declarations } = node;
        if (declarations.some(({ id }) => this.#waits(id))) throw UNFIT;
        this.#hoist(node, scope);
        return declarations.length > 1 ? this.#declarators(node) : this.#hold(node, declarations[0]!.init!);
      }
      case "ThrowStatement":
        return this.#hold(node, node.argument);
      case "ReturnStatement":
        return this.#return(node);
      case "IfStatement":
        return this.#if(node);
      case "LabeledStatement":
        return this.#statement(node.body, scope);
      case "WhileStatement":
        this.#condition(node, node.test, this.#waits(node.body));
        return this.#loop(node.body);
      case "DoWhileStatement":
        this.#loop(node.body);
        return this.#askBehind(node);
      case "ForStatement": {
        const { init, test, update, body } = node;
        if (this.#waits(init) || this.#waits(update)) throw UNFIT;
        if (init?.type === "VariableDeclaration") {
          this.#loops++;
          this.#hoist(init, node);
          this.#loops--;
        }
        if (init !== null) this.#notes.beginnings.add(init);
        if (test !== null) this.#condition(node, test, this.#waits(body));
        return this.#loop(body);
      }
      case "ForOfStatement":
        return this.#iteration(node);
      case "TryStatement":
        return this.#try(node);
    }
    throw UNFIT;
  }

  #try(node: TryStatement): void {
    const { block, handler, finalizer } = node;
    if (this.#waits(finalizer)) throw UNFIT;
    if (finalizer !== null) {
      this.#notes.finalizers.add(finalizer);
      this.#closing++;
    }
    if (this.#waits(block)) {
      if (handler !== null) this.#catching++;
      this.#list(block, block.body);
      if (handler !== null) this.#catching--;
    }
    if (this.#waits(handler)) this.#handle(node, handler as CatchClause);
    if (finalizer !== null) this.#closing--;
  }

  #handle(node: TryStatement, clause: CatchClause): void {
    const { param, body } = clause;
    const before = this.#steps.count;
    const kept = this.#temporaries.within(() => {
      const kept = param === null ? null : this.#temporaries.take();
      this.#list(body, body.body);
      return kept;
    });
    if (this.#steps.count === before) return;
    this.#notes.handlers.set(node, { before, kept });
    if (param === null) return;
    if (param.type !== "Identifier") throw UNFIT;
    // The variable is made anew on each way back.
    if (this.#uses.ofVariable(param.name, clause).some(({ assigns }) => assigns)) throw UNFIT;
    this.#declared.unhoisted.push({ name: param.name, scope: clause });
  }

  /** The loop stays as it is; its variable has the same value again when it is entered again. */
  #iteration(node: ForOfStatement): void {
    const { left, right, body } = node;
    if (left.type !== "VariableDeclaration" || this.#waits(right)) throw UNFIT;
    const { id } = left.declarations[0]!;
    if (id.type !== "Identifier" || this.#uses.ofVariable(id.name, node).some(({ assigns }) => assigns)) throw UNFIT;
    this.#declared.unhoisted.push({ name: id.name, scope: node });
    const around = this.#iterating;
    this.#closing++;
    this.#temporaries.within(() => {
      const kept = this.#temporaries.take();
      this.#notes.iterations.set(node, kept);
      this.#iterating = [...around, kept];
      this.#loop(body);
    });
    this.#closing--;
    this.#iterating = around;
  }

  #condition(node: ConditionalLoop, test: Expression, passed: boolean): void {
    if (this.#waits(test)) this.#hold(test, test, frontOf(this.#code, node), passed);
    else this.#notes.conditions.set(test, "in");
  }

  #askBehind(node: DoWhileStatement): void {
    const { test, body } = node;
    if (!this.#waits(test)) return;
    // The condition is not where `continue` goes on.
    if (continues(body)) throw UNFIT;
    if (this.#waits(body)) this.#notes.passed.set(body, this.#steps.count);
    else for (const edges of [this.#notes.firsts, this.#notes.lasts]) edges.add(body);
    this.#condition(node, test, false);
  }

  #loop(body: Statement): void {
    if (!this.#waits(body)) return;
    this.#loops++;
    this.#statement(body, body);
    this.#loops--;
  }

  #if(node: IfStatement): void {
    const { test, consequent, alternate } = node;
    const branches = this.#waits(consequent) || this.#waits(alternate);
    if (this.#waits(test)) this.#hold(node, test, node.start, branches);
    if (!branches) return;
    this.#branches(test, consequent, alternate, (branch) => this.#statement(branch as Statement, branch));
  }

  #branches(test: Expression, consequent: Node, alternate: Node | null, plan: (branch: Node) => void): void {
    if (this.#waits(consequent)) plan(consequent);
    const between = this.#steps.count;
    if (this.#waits(alternate)) plan(alternate as Node);
    this.#notes.conditions.set(test, !this.#waits(alternate) ? "in" : this.#waits(consequent) ? between : "else");
  }

  #return(node: ReturnStatement): void {
    const argument = node.argument as Expression;
    const leaves = this.#closing > 0 || this.#catching > 0;
    if (argument.type === "ConditionalExpression" && !this.#waits(argument.test)) {
      if (leaves) return this.#hold(node, argument);
      if (/[\n\r]/.test(this.#code.slice(node.start, argument.test.start))) throw UNFIT;
      this.#notes.choices.add(node);
      const branch = (expression: Node): void =>
        expression.type === "AwaitExpression"
          ? this.#handOn(expression)
          : this.#hold(expression, expression as Expression);
      return this.#branches(argument.test, argument.consequent, argument.alternate, branch);
    }
    if (!leaves && argument.type === "AwaitExpression") return this.#handOn(argument);
    this.#hold(node, argument);
  }

  /** `return await e`, with nothing to do behind it, waits as `return e` does. */
  #handOn(node: AwaitExpression): void {
    if (this.#waits(node.argument)) throw UNFIT;
  }

  /**
   * What holds awaits itself: they are waited for in front of it, where what stands at `front` begins. `passed`: the way may
   * lead to an await behind the expression.
   */
  #hold(holder: Node, expression: Expression, front: number = holder.start, passed = false): void {
    const order = orderOf(holder, expression, this.#code, this.#keeps, this.#waits);
    if (order === null || !this.#steps.plan(holder, order, front, passed, this.#iterating)) throw UNFIT;
    if (this.#catching > 0) this.#cleanup = THROW;
    else if (this.#closing > 0 && this.#cleanup === DROP) this.#cleanup = CLOSE;
  }
}
