/** How the columns of somebody's list become the fields that a lead may have. Columns that stand for none stay behind. */
export const LEAD_FIELDS = [
  "number",
  "requested_at",
  "name",
  "asked",
  "purpose",
  "source",
  "origin",
  "given_at",
  "expires_at",
  "withdrawn_at",
  "text_version",
  "act",
  "address",
  "ownership",
  "signature",
  "promised_from",
  "promised_until",
  "age",
  "relation",
  "person",
  "language",
  "artefact",
] as const;

export type LeadField = (typeof LEAD_FIELDS)[number];

/** Without these no row can be read. */
const REQUIRED_FIELDS: readonly LeadField[] = ["number", "requested_at"];

/** For each column of the file the field it stands for; null: it isn't sent. */
export type Mapping = readonly (LeadField | null)[];

const ALSO_CALLED: Readonly<Record<LeadField, readonly string[]>> = {
  number: ["phone", "mobile", "tel", "telephone", "phonenumber", "mobilenumber", "手机", "手机号", "手机号码", "电话", "电话号码", "号码", "联系电话"],
  requested_at: ["requested", "requesttime", "submittedat", "createdat", "请求时间", "提交时间", "预约时间", "留言时间"],
  name: ["fullname", "customer", "contact", "姓名", "称呼", "客户", "客户姓名", "联系人"],
  asked: ["message", "question", "request", "comment", "内容", "留言", "留言内容", "需求", "咨询内容", "问题"],
  purpose: ["用途", "目的"],
  source: ["来源", "渠道"],
  origin: ["方式", "同意方式"],
  given_at: ["consentat", "consenttime", "consentgiven", "同意时间", "授权时间"],
  expires_at: ["expires", "validuntil", "有效期", "有效期至", "到期时间"],
  withdrawn_at: ["withdrawn", "撤回时间"],
  text_version: ["textversion", "consentversion", "文本版本", "告知版本"],
  act: ["action", "动作", "同意动作"],
  address: ["url", "page", "网址", "页面"],
  ownership: ["verified", "号码核验", "本人号码"],
  signature: ["签名"],
  promised_from: ["callbackfrom", "约定开始", "回电开始"],
  promised_until: ["callbackuntil", "约定结束", "回电结束"],
  age: ["年龄段", "是否成年"],
  relation: ["关系", "客户关系"],
  person: ["主体", "主体类型"],
  language: ["lang", "语言"],
  artefact: ["file", "proof", "凭证", "凭证文件"],
};

function plain(name: string): string {
  return name.toLowerCase().replace(/[\s_\-./()（）]/g, "");
}

const BY_NAME: ReadonlyMap<string, LeadField> = new Map(
  LEAD_FIELDS.flatMap((field) => [field, ...ALSO_CALLED[field]].map((name) => [plain(name), field] as const)),
);

/** The field that each column seems to stand for, each field once: the first column that is called so. */
export function guessMapping(header: readonly string[]): Mapping {
  const taken = new Set<LeadField>();
  return header.map((name) => {
    const field = BY_NAME.get(plain(name));
    if (field === undefined || taken.has(field)) return null;
    taken.add(field);
    return field;
  });
}

/** The same with one column put to another field, or to none; a field that another column had leaves it. */
export function remap(mapping: Mapping, column: number, field: LeadField | null): Mapping {
  return mapping.map((before, place) => {
    if (place === column) return field;
    return field !== null && before === field ? null : before;
  });
}

export function missingFields(mapping: Mapping): readonly LeadField[] {
  return REQUIRED_FIELDS.filter((field) => !mapping.includes(field));
}

/** Rows with only the columns that stand for a field, under the fields' names. A row of another length stays as long as it is wrong. */
export function mappedRows(rows: readonly (readonly string[])[], mapping: Mapping): readonly (readonly string[])[] {
  const kept = mapping.flatMap((field, place) => (field === null ? [] : [{ field, place }]));
  const header = kept.map(({ field }) => field);
  return [
    header,
    ...rows.slice(1).map((row) => {
      const cells = kept.map(({ place }) => row[place] ?? "");
      // a row whose cells don't fit the header is told so by the server, not mended here
      return row.length === mapping.length || row.every((cell) => cell.trim() === "") ? cells : [...cells, ""];
    }),
  ];
}

/** The text of a file in UTF-8, or else GB18030; null: it is neither. */
export function decodeList(bytes: Uint8Array): string | null {
  for (const encoding of ["utf-8", "gb18030"]) {
    try {
      const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
      return text.includes("\0") ? null : text;
    } catch {
      continue;
    }
  }
  return null;
}
