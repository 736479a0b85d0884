import { useMembers } from "../api/projects/members";
import { t } from "../texts";

/** Name the member who made something; null: a secret key did. */
export function useOwners(projectId: number): (id: number | null) => string {
  const members = useMembers(projectId).data;
  return (id) => {
    if (id === null) return t.common.secretKey;
    const member = members?.find(({ user_id: userId }) => userId === id);
    // Nobody is called a former member before the members are known.
    return member ? member.name || member.email : members ? t.common.formerMember : t.common.none;
  };
}
