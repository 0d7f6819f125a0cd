/** Findings for people: what, where, why, what to do. */
import type { Finding } from '../catalogue/finding.ts';

/** One finding as indented lines. */
export function formatFinding(finding: Finding): string {
  const label = finding.severity === 'notice' ? finding.reason : `${finding.severity} ${finding.code}`;
  const lines = [
    `${label}  ${finding.pointer === '' ? '(document)' : finding.pointer}`,
    `    ${finding.message}`,
  ];
  if (finding.mediaFact !== undefined) lines.push(`    found:    ${finding.mediaFact}`);
  if (finding.expected !== undefined) lines.push(`    expected: ${finding.expected}`);
  if (finding.remedy !== undefined) lines.push(`    remedy:   ${finding.remedy}`);
  return lines.join('\n');
}

/** All findings, errors first, in the order they were found. */
export function formatFindings(findings: readonly Finding[]): string {
  const ranked = ['error', 'warning', 'notice'].flatMap((severity) =>
    findings.filter((finding) => finding.severity === severity),
  );
  return ranked.map(formatFinding).join('\n');
}
